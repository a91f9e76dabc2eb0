//! Objects at Stripe as they are at one moment: what a fetch gives. Amounts are in ISO 4217's minor units.

use serde::{Deserialize, Serialize};

use crate::{
    CheckoutIntentId, GatewayAccountId, GatewayCallId, InvoicePayment, Money, Recurring, StripeId,
    StripeSubscriptionId, SubscriptionStatus, Timestamp, WorkspaceId,
};

/// A Checkout Session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewayCheckoutSession {
    /// Stripe's id.
    pub id: StripeId,
    /// The state.
    pub status: SessionStatus,
    /// The page of an open session.
    pub url: Option<String>,
    /// The subscription of a complete session.
    pub subscription: Option<StripeSubscriptionId>,
    /// The intent in its metadata, if it is ours.
    pub intent_id: Option<CheckoutIntentId>,
    /// The call in its metadata, if it is ours.
    pub call_id: Option<GatewayCallId>,
}

/// The state of a Checkout Session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SessionStatus {
    /// Can be paid.
    Open,
    /// Was paid.
    Complete,
    /// Can no longer be paid.
    Expired,
    /// A word this version does not know.
    Unrecognized,
}

/// A subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewaySubscription {
    /// Stripe's id.
    pub id: StripeSubscriptionId,
    /// The customer that is charged.
    pub customer: StripeId,
    /// The status.
    pub status: SubscriptionStatus,
    /// The price of its first item, if it has items.
    pub price: Option<StripeId>,
    /// The number of seats.
    pub quantity: u32,
    /// What it charges, if that can be read.
    pub recurring: Option<Recurring>,
    /// The moment of its latest invoice, if that billed a change.
    pub billed_at: Option<Timestamp>,
    /// The present period and its end.
    pub times: SubscriptionTimes,
    /// The intent in its metadata, if it was sold by us.
    pub intent_id: Option<CheckoutIntentId>,
    /// The workspace in its metadata `kl_workspace_id`: a workspace's own subscription to the platform.
    pub paying_workspace: Option<WorkspaceId>,
}

impl GatewaySubscription {
    /// Whether Stripe charges for it no more.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        !self.status.is_live()
    }
}

/// The moments in the life of a subscription.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SubscriptionTimes {
    /// The moment at which it was made.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "crate::wire_time::option")]
    pub created_at: Option<Timestamp>,
    /// The start of the subscription, which may lie before it was made.
    #[serde(with = "crate::wire_time::option")]
    pub started_at: Option<Timestamp>,
    /// The start of the present period.
    #[serde(with = "crate::wire_time::option")]
    pub period_start: Option<Timestamp>,
    /// The end of the present period.
    #[serde(with = "crate::wire_time::option")]
    pub period_end: Option<Timestamp>,
    /// The start of the last trial.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "crate::wire_time::option")]
    pub trial_start: Option<Timestamp>,
    /// The end of the trial, past or to come.
    #[serde(with = "crate::wire_time::option")]
    pub trial_end: Option<Timestamp>,
    /// The moment at which it will end.
    #[serde(with = "crate::wire_time::option")]
    pub cancel_at: Option<Timestamp>,
    /// Whether it is to end with its period, whenever that ends. Stripe has another parameter for the end at a moment, even
    /// if that is the end of the period.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ends_with_period: bool,
    /// The moment of the cancellation.
    #[serde(with = "crate::wire_time::option")]
    pub canceled_at: Option<Timestamp>,
    /// The moment at which it ended.
    #[serde(with = "crate::wire_time::option")]
    pub ended_at: Option<Timestamp>,
}

impl SubscriptionTimes {
    /// The moment from which it may have been charged.
    #[must_use]
    pub fn made_at(&self) -> Option<Timestamp> {
        self.created_at.or(self.started_at)
    }
}

/// An invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewayInvoice {
    /// Stripe's id.
    pub id: StripeId,
    /// The customer that is charged.
    pub customer: Option<StripeId>,
    /// The subscription it bills.
    pub subscription: Option<StripeSubscriptionId>,
    /// The part that is mirrored as it is.
    pub details: InvoiceDetails,
}

/// Everything of an invoice that is mirrored as Stripe says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InvoiceDetails {
    /// The status.
    pub status: InvoiceStatus,
    /// The number on the document; a draft has none.
    pub number: Option<String>,
    /// The sum after discounts and taxes.
    pub total: Money,
    /// The part that was paid.
    pub amount_paid: Money,
    /// The part that is due.
    pub amount_due: Money,
    /// The moment of creation at Stripe.
    #[serde(with = "crate::wire_time")]
    pub created_at: Timestamp,
    /// The moment of payment.
    #[serde(with = "crate::wire_time::option")]
    pub paid_at: Option<Timestamp>,
    /// The date by which it is due.
    #[serde(with = "crate::wire_time::option")]
    pub due_at: Option<Timestamp>,
    /// The page on which it can be paid and downloaded.
    pub hosted_url: Option<String>,
    /// The document.
    pub pdf_url: Option<String>,
    /// The lines, in Stripe's order.
    pub lines: Vec<InvoiceLine>,
    /// Whether Stripe has more lines than are kept.
    pub has_more_lines: bool,
    /// The payments through Stripe, with their refunds. `None` in a mirror that an earlier version wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payments: Option<Vec<InvoicePayment>>,
    /// Whether Stripe charges it by itself, and does not send it to be paid. `None` as for the payments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_charged_automatically: Option<bool>,
    /// How the total comes about. `None` as for the payments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sums: Option<InvoiceSums>,
    /// The moment at which Stripe tries to charge for it again; `None` if it does not, or in a mirror that an earlier version
    /// wrote.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "crate::wire_time::option")]
    pub next_attempt_at: Option<Timestamp>,
}

impl InvoiceDetails {
    /// The part that is due and not paid.
    #[must_use]
    pub fn left(&self) -> Option<Money> {
        self.amount_due.checked_sub(self.amount_paid).ok()
    }
}

/// The sums of an invoice from its lines to its total.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InvoiceSums {
    /// The sum of the lines.
    pub subtotal: Money,
    /// What discounts take off.
    pub discount: Money,
    /// The taxes, those that the lines include among them.
    pub tax: Money,
}

/// A line of an invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InvoiceLine {
    /// The text on the document.
    pub description: String,
    /// The number of seats.
    pub quantity: Option<u32>,
    /// The amount, negative for a credit.
    pub amount: Money,
    /// The start of the billed period.
    #[serde(with = "crate::wire_time")]
    pub period_start: Timestamp,
    /// The end of the billed period.
    #[serde(with = "crate::wire_time")]
    pub period_end: Timestamp,
}

/// The status of an invoice in Stripe's words. Parsing never fails: an unknown status is kept and counts as chargeable.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum InvoiceStatus {
    /// Not final; it will be charged.
    Draft,
    /// Final and unpaid.
    Open,
    /// Paid.
    Paid,
    /// Canceled.
    Void,
    /// Given up. It can still be paid by its page, and is not collected.
    Uncollectible,
    /// A word this version does not know.
    Unrecognized(String),
}

impl InvoiceStatus {
    /// Every status that has a name here.
    pub const KNOWN: [Self; 5] = [Self::Draft, Self::Open, Self::Paid, Self::Void, Self::Uncollectible];

    /// Parses Stripe's `status`.
    #[must_use]
    pub fn from_stripe(status: &str) -> Self {
        match status {
            "draft" => Self::Draft,
            "open" => Self::Open,
            "paid" => Self::Paid,
            "void" => Self::Void,
            "uncollectible" => Self::Uncollectible,
            other => Self::Unrecognized(other.to_owned()),
        }
    }

    /// Stripe's status.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Draft => "draft",
            Self::Open => "open",
            Self::Paid => "paid",
            Self::Void => "void",
            Self::Uncollectible => "uncollectible",
            Self::Unrecognized(word) => word,
        }
    }

    /// Whether Stripe may still charge for the invoice (contract, section 5, I1).
    #[must_use]
    pub fn is_chargeable(&self) -> bool {
        match self {
            Self::Draft | Self::Open | Self::Unrecognized(_) => true,
            Self::Paid | Self::Void | Self::Uncollectible => false,
        }
    }
}

impl From<String> for InvoiceStatus {
    fn from(status: String) -> Self {
        Self::from_stripe(&status)
    }
}

impl From<InvoiceStatus> for String {
    fn from(status: InvoiceStatus) -> Self {
        status.as_str().to_owned()
    }
}

/// Something at Stripe through which it can charge someone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChargeableObject {
    /// The kind.
    pub kind: ChargeableKind,
    /// Stripe's id.
    pub id: StripeId,
    /// The account that charges.
    pub account: GatewayAccountId,
    /// The customer that is charged.
    pub customer: Option<StripeId>,
    /// Stripe's status; a pending invoice item has none.
    pub status: Option<String>,
    /// The amount of an invoice that is left to pay, or of an invoice item.
    pub amount: Option<Money>,
    /// The date by which an invoice is due, if Stripe does not charge it by itself.
    pub due_at: Option<Timestamp>,
}

/// The kinds of objects through which Stripe can charge someone (contract, section 5, I1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChargeableKind {
    /// An open Checkout Session.
    CheckoutSession,
    /// A live subscription.
    Subscription,
    /// A subscription schedule that has not started.
    SubscriptionSchedule,
    /// A draft or open invoice.
    Invoice,
    /// An invoice item that waits for the next invoice.
    InvoiceItem,
}

words!(ChargeableKind {
    CheckoutSession => "checkout_session",
    Subscription => "subscription",
    SubscriptionSchedule => "subscription_schedule",
    Invoice => "invoice",
    InvoiceItem => "invoice_item",
});
