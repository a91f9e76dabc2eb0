use serde::{Deserialize, Serialize};

use crate::{
    CheckoutIntentId, EnvironmentId, GatewayCallId, InvoiceAction, InvoiceId, Money, Payer, PlanId, PriceId,
    StripeId, SubscriptionId, TrialEnd, stored::stored,
};

/// The reason for a call. A workspace has at most one unresolved call of the same purpose on an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum CallPurpose {
    /// Makes the customer of a payer.
    CreateCustomer {
        /// The payer's environment.
        #[serde(deserialize_with = "stored")]
        environment_id: EnvironmentId,
        /// The payer.
        payer: Payer,
    },
    /// Makes the product of a plan.
    CreateProduct {
        /// The plan.
        plan_id: PlanId,
    },
    /// Gives the product of a plan the plan's present name, and ends its sale with the plan's.
    UpdateProduct {
        /// The plan.
        plan_id: PlanId,
    },
    /// Makes the price of a price.
    CreatePrice {
        /// The price.
        price_id: PriceId,
    },
    /// Ends the sale of a price with ours.
    ArchivePrice {
        /// The price.
        price_id: PriceId,
    },
    /// Makes the Checkout Session of an intent.
    CreateCheckoutSession {
        /// The intent.
        intent_id: CheckoutIntentId,
    },
    /// Ends the Checkout Session of an intent.
    ExpireCheckoutSession {
        /// The intent.
        intent_id: CheckoutIntentId,
    },
    /// Ends a subscription, now or with its period.
    CancelSubscription {
        /// The subscription.
        subscription_id: SubscriptionId,
        /// Whether it runs to the end of its period.
        at_period_end: bool,
    },
    /// Lets a subscription that is to end go on.
    ResumeSubscription {
        /// The subscription.
        subscription_id: SubscriptionId,
    },
    /// Moves the end of a running trial.
    SetTrialEnd {
        /// The subscription.
        subscription_id: SubscriptionId,
        /// The end.
        ends: TrialEnd,
    },
    /// Makes a link at which the payer of a subscription enters another payment method.
    CreatePortalSession {
        /// The subscription.
        subscription_id: SubscriptionId,
    },
    /// Changes the plan, the interval or the seats of a subscription now, which may charge the payer.
    ChangePlan {
        /// The subscription.
        subscription_id: SubscriptionId,
    },
    /// Ends a second live subscription of a payer, which must not be (invariant I2).
    CancelDuplicate {
        /// The subscription.
        subscription_id: SubscriptionId,
    },
    /// Gives back what was paid for a second live subscription of a payer.
    RefundDuplicate {
        /// The subscription.
        subscription_id: SubscriptionId,
        /// The charge's payment intent.
        #[serde(deserialize_with = "stored")]
        payment_intent: StripeId,
    },
    /// Gives back a part of what was paid for an invoice.
    RefundInvoice {
        /// The invoice.
        invoice_id: InvoiceId,
        /// The id of the call: two refunds of the same amount are two.
        refund_id: GatewayCallId,
        /// The payment intent, or the charge of a payment without one.
        #[serde(deserialize_with = "stored")]
        payment: StripeId,
        /// The amount.
        amount: Money,
    },
    /// Voids an invoice, gives it up, or sends it again.
    ActOnInvoice {
        /// The invoice.
        invoice_id: InvoiceId,
        /// The action.
        action: InvoiceAction,
    },
}

const CANCEL_DUPLICATE: &str = "cancel_duplicate";
const REFUND_DUPLICATE: &str = "refund_duplicate";

impl CallPurpose {
    /// The [kind](Self::kind) of the creation of a customer.
    pub const CREATE_CUSTOMER: &str = "create_customer";

    /// The [kind](Self::kind) of the end of a payer's second subscription.
    pub const CANCEL_DUPLICATE: &str = CANCEL_DUPLICATE;

    /// The kinds of the calls that end a payer's second subscription and pay it back. They are kept for good, so that a
    /// later payment is given back once (invariant I2).
    pub const KINDS_OF_DUPLICATES: [&'static str; 2] = [CANCEL_DUPLICATE, REFUND_DUPLICATE];

    /// The word for the kind, in the log and the metrics.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::CreateCustomer { .. } => Self::CREATE_CUSTOMER,
            Self::CreateProduct { .. } => "create_product",
            Self::UpdateProduct { .. } => "update_product",
            Self::CreatePrice { .. } => "create_price",
            Self::ArchivePrice { .. } => "archive_price",
            Self::CreateCheckoutSession { .. } => "create_checkout_session",
            Self::ExpireCheckoutSession { .. } => "expire_checkout_session",
            Self::CancelSubscription { .. } => "cancel_subscription",
            Self::ResumeSubscription { .. } => "resume_subscription",
            Self::SetTrialEnd { .. } => "set_trial_end",
            Self::CreatePortalSession { .. } => "create_portal_session",
            Self::ChangePlan { .. } => "change_plan",
            Self::CancelDuplicate { .. } => CANCEL_DUPLICATE,
            Self::RefundDuplicate { .. } => REFUND_DUPLICATE,
            Self::RefundInvoice { .. } => "refund_invoice",
            Self::ActOnInvoice { .. } => "act_on_invoice",
        }
    }

    /// The other changes of the same subscription that a person may ask for. A call of one whose outcome is unknown may
    /// still be carried out after a call of this purpose, and would undo it, or charge a payer who was told not to be.
    /// Of each [subject](Self::subject) one is named.
    #[must_use]
    pub fn rivals(&self) -> Vec<Self> {
        let (Self::CancelSubscription { subscription_id, .. }
        | Self::ResumeSubscription { subscription_id }
        | Self::ChangePlan { subscription_id }
        | Self::SetTrialEnd { subscription_id, .. }) = *self
        else {
            return Vec::new();
        };
        let cancel = |at_period_end| Self::CancelSubscription { subscription_id, at_period_end };
        let trial = Self::SetTrialEnd { subscription_id, ends: TrialEnd::Now };
        let mut changes = vec![
            cancel(true),
            cancel(false),
            Self::ResumeSubscription { subscription_id },
            Self::ChangePlan { subscription_id },
            trial.clone(),
        ];
        changes.retain(|change| change.subject() != self.subject());
        if *self == cancel(false) {
            // Stripe refuses to change the trial of what has ended: nobody waits to end it.
            changes.retain(|change| *change != trial);
        }
        changes
    }

    /// Whether the call makes an object, such as the invoice of a change of plan. Otherwise it changes one.
    #[must_use]
    pub fn makes_an_object(&self) -> bool {
        match self {
            Self::CreateCustomer { .. }
            | Self::CreateProduct { .. }
            | Self::CreatePrice { .. }
            | Self::CreateCheckoutSession { .. }
            | Self::SetTrialEnd { .. }
            | Self::CreatePortalSession { .. }
            | Self::ChangePlan { .. }
            | Self::RefundDuplicate { .. }
            | Self::RefundInvoice { .. } => true,
            Self::UpdateProduct { .. }
            | Self::ArchivePrice { .. }
            | Self::ExpireCheckoutSession { .. }
            | Self::CancelSubscription { .. }
            | Self::ResumeSubscription { .. }
            | Self::CancelDuplicate { .. }
            | Self::ActOnInvoice { .. } => false,
        }
    }

    /// Whether the call does the same when it is carried out again.
    #[must_use]
    pub fn may_be_repeated(&self) -> bool {
        // A payer would get the invoice twice.
        let sends = matches!(self, Self::ActOnInvoice { action: InvoiceAction::Send, .. });
        !self.makes_an_object() && !sends
    }

    /// The payment that the call refunds: a payment intent, or the charge of a payment without one.
    #[must_use]
    pub fn refunded_payment(&self) -> Option<&StripeId> {
        match self {
            Self::RefundInvoice { payment, .. } => Some(payment),
            Self::RefundDuplicate { payment_intent, .. } => Some(payment_intent),
            _ => None,
        }
    }

    /// The subscription that the call changes, or whose payment it gives back.
    #[must_use]
    pub fn subscription(&self) -> Option<SubscriptionId> {
        match *self {
            Self::CancelSubscription { subscription_id, .. }
            | Self::ResumeSubscription { subscription_id }
            | Self::ChangePlan { subscription_id }
            | Self::SetTrialEnd { subscription_id, .. }
            | Self::CreatePortalSession { subscription_id }
            | Self::CancelDuplicate { subscription_id }
            | Self::RefundDuplicate { subscription_id, .. } => Some(subscription_id),
            Self::CreateCustomer { .. }
            | Self::CreateProduct { .. }
            | Self::UpdateProduct { .. }
            | Self::CreatePrice { .. }
            | Self::ArchivePrice { .. }
            | Self::CreateCheckoutSession { .. }
            | Self::ExpireCheckoutSession { .. }
            | Self::RefundInvoice { .. }
            | Self::ActOnInvoice { .. } => None,
        }
    }

    /// Whether it does not matter to what Stripe can charge that the outcome is unknown.
    #[must_use]
    pub fn leaves_charges_alone(&self) -> bool {
        match self {
            Self::UpdateProduct { .. }
            | Self::ArchivePrice { .. }
            | Self::CreatePortalSession { .. }
            | Self::RefundDuplicate { .. }
            | Self::RefundInvoice { .. }
            // Whatever becomes of it, the invoice itself is listed while it can be charged.
            | Self::ActOnInvoice { .. } => true,
            Self::CreateCustomer { .. }
            | Self::CreateProduct { .. }
            | Self::CreatePrice { .. }
            | Self::CreateCheckoutSession { .. }
            | Self::ExpireCheckoutSession { .. }
            | Self::CancelSubscription { .. }
            | Self::ResumeSubscription { .. }
            | Self::ChangePlan { .. }
            | Self::SetTrialEnd { .. }
            | Self::CancelDuplicate { .. } => false,
        }
    }

    /// Whether the call ends a Checkout Session.
    #[must_use]
    pub fn ends_a_session(&self) -> bool {
        matches!(self, Self::ExpireCheckoutSession { .. })
    }

    /// The identity of the purpose on an account: unresolved calls of equal subjects are one call.
    #[must_use]
    pub fn subject(&self) -> String {
        let kind = self.kind();
        match self {
            Self::CreateCustomer { environment_id, payer } => {
                format!("{kind}/{environment_id}/{}/{}", payer.kind(), payer.id())
            }
            Self::CreateProduct { plan_id } | Self::UpdateProduct { plan_id } => format!("{kind}/{plan_id}"),
            Self::CreatePrice { price_id } | Self::ArchivePrice { price_id } => format!("{kind}/{price_id}"),
            Self::CreateCheckoutSession { intent_id } | Self::ExpireCheckoutSession { intent_id } => {
                format!("{kind}/{intent_id}")
            }
            Self::CancelSubscription { subscription_id, at_period_end } => {
                format!("{kind}/{subscription_id}/{at_period_end}")
            }
            Self::ResumeSubscription { subscription_id }
            | Self::SetTrialEnd { subscription_id, .. }
            | Self::CreatePortalSession { subscription_id }
            | Self::ChangePlan { subscription_id }
            | Self::CancelDuplicate { subscription_id } => format!("{kind}/{subscription_id}"),
            Self::RefundDuplicate { subscription_id, payment_intent } => {
                format!("{kind}/{subscription_id}/{payment_intent}")
            }
            Self::RefundInvoice { invoice_id, refund_id, .. } => {
                format!("{kind}/{invoice_id}/{refund_id}")
            }
            Self::ActOnInvoice { invoice_id, action } => format!("{kind}/{invoice_id}/{action}"),
        }
    }

    /// The invoice that the call changes or refunds.
    #[must_use]
    pub fn invoice(&self) -> Option<InvoiceId> {
        match self {
            Self::RefundInvoice { invoice_id, .. } | Self::ActOnInvoice { invoice_id, .. } => {
                Some(*invoice_id)
            }
            Self::CreateCustomer { .. }
            | Self::CreateProduct { .. }
            | Self::UpdateProduct { .. }
            | Self::CreatePrice { .. }
            | Self::ArchivePrice { .. }
            | Self::CreateCheckoutSession { .. }
            | Self::ExpireCheckoutSession { .. }
            | Self::CancelSubscription { .. }
            | Self::ResumeSubscription { .. }
            | Self::SetTrialEnd { .. }
            | Self::CreatePortalSession { .. }
            | Self::ChangePlan { .. }
            | Self::CancelDuplicate { .. }
            | Self::RefundDuplicate { .. } => None,
        }
    }
}
