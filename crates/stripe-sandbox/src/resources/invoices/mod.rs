//! What a customer owes, and how it was paid.

mod create;
mod due;
mod endpoints;
mod lines;
mod particulars;
mod preview;
mod render;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use self::{
    due::checked_days_of,
    endpoints::routes,
    lines::{Line, Period, Pricing, discount_amounts, pretax_credit_amounts},
    particulars::Particulars,
    preview::{preview_change, preview_renewal},
};
use super::{customers::Customer, invoice_payments::InvoicePayment, payment_intents::PaymentIntent};
use crate::{
    clock::Timestamp,
    currency,
    store::{Resource, Tx, stored_as},
    wire::{Metadata, page::inline},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceStatus {
    Draft,
    Open,
    Paid,
    Uncollectible,
    Void,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BillingReason {
    Manual,
    SubscriptionCreate,
    SubscriptionCycle,
    SubscriptionUpdate,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CollectionMethod {
    ChargeAutomatically,
    SendInvoice,
}

#[expect(clippy::struct_field_names, reason = "the names of Stripe's API, which it is rendered as")]
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct Transitions {
    pub finalized_at: Option<Timestamp>,
    pub marked_uncollectible_at: Option<Timestamp>,
    pub paid_at: Option<Timestamp>,
    pub voided_at: Option<Timestamp>,
}

/// What becomes of the customer's balance when the invoice is finalized.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CustomerBalance {
    #[default]
    Applied,
    /// The invoice is for what was agreed on.
    LeftForTheNext,
}

impl CustomerBalance {
    pub fn of(self, customer: &Customer, currency: &str) -> i64 {
        match self {
            Self::Applied => customer.balance_in(currency),
            Self::LeftForTheNext => 0,
        }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Invoice {
    pub id: String,
    pub created: Timestamp,
    pub customer: String,
    pub currency: String,
    pub status: InvoiceStatus,
    pub billing_reason: BillingReason,
    pub collection_method: CollectionMethod,
    pub subscription: Option<String>,
    pub lines: Vec<Line>,
    pub discounts: Vec<String>,
    pub period: Period,
    /// The customer's balance when it was finalized, and what was left of it.
    pub starting_balance: i64,
    pub ending_balance: Option<i64>,
    #[serde(default)]
    pub customer_balance: CustomerBalance,
    pub amount_paid: i64,
    /// What credit notes took off it before it was paid, and gave back of what was paid.
    #[serde(default)]
    pub pre_credited: i64,
    #[serde(default)]
    pub post_credited: i64,
    pub attempt_count: u32,
    pub is_attempted: bool,
    /// Its due date has passed, and that was told.
    pub is_overdue: bool,
    pub next_payment_attempt: Option<Timestamp>,
    pub auto_advance: bool,
    pub finalizes_at: Option<Timestamp>,
    pub number: Option<String>,
    pub due_date: Option<Timestamp>,
    pub description: Option<String>,
    pub footer: Option<String>,
    pub default_payment_method: Option<String>,
    pub payment_intent: Option<String>,
    pub transitions: Transitions,
    pub metadata: Metadata,
    /// Settled when it is finalized.
    #[serde(default)]
    pub particulars: Option<Particulars>,
    /// What the address of its page ends with.
    pub token: String,
    pub test_clock: Option<String>,
}

impl Invoice {
    pub fn subtotal(&self) -> i64 {
        self.lines.iter().fold(0, |sum, line| sum.saturating_add(line.amount))
    }

    pub fn discounted(&self) -> i64 {
        self.lines
            .iter()
            .flat_map(|line| &line.discounts)
            .fold(0, |sum, (_, amount)| sum.saturating_add(*amount))
    }

    /// What each of its discounts takes off all lines together.
    pub fn taken_off(&self) -> Vec<(String, i64)> {
        let of = |id: &String| {
            let parts = self.lines.iter().flat_map(|line| &line.discounts).filter(|(of, _)| of == id);
            (id.clone(), parts.fold(0_i64, |sum, (_, amount)| sum.saturating_add(*amount)))
        };
        self.discounts.iter().map(of).collect()
    }

    pub fn total(&self) -> i64 {
        self.subtotal().saturating_sub(self.discounted())
    }

    /// What a balance of the customer makes of it: what is to be paid, or if it is negative, what is left to them.
    fn total_with(&self, balance: i64) -> i64 {
        self.total().saturating_add(balance)
    }

    /// What is to be paid once the customer's balance is used. What is too little to be charged is not due yet.
    fn owed(&self) -> i64 {
        let owed = self.total_with(self.starting_balance);
        if owed < currency::least_charge(&self.currency) { 0 } else { owed }
    }

    /// What is to be paid, without what was credited since.
    pub fn amount_due(&self) -> i64 {
        self.owed().saturating_sub(self.pre_credited).max(0)
    }

    /// What the customer's balance is after it: credit that is left, or what was too little to be charged.
    pub fn left_on_balance(&self) -> i64 {
        self.total_with(self.starting_balance).saturating_sub(self.owed())
    }

    pub fn amount_remaining(&self) -> i64 {
        match self.status {
            InvoiceStatus::Paid => 0,
            _ => (self.amount_due() - self.amount_paid).max(0),
        }
    }

    /// Not before the second after it is final, also where it is due the day it is made.
    fn overdue_at(&self) -> Option<Timestamp> {
        let is_sent = self.collection_method == CollectionMethod::SendInvoice;
        let due = self.due_date.filter(|_| is_sent && !self.is_overdue)?;
        Some(self.transitions.finalized_at.map_or(due, |finalized| due.max(finalized + 1)))
    }

    /// It can be paid, though nothing is collected by itself of one that was given up.
    pub fn is_payable(&self) -> bool {
        matches!(self.status, InvoiceStatus::Open | InvoiceStatus::Uncollectible)
    }

    pub fn is_open(&self) -> bool {
        self.status == InvoiceStatus::Open
    }

    pub fn hosted_url(&self, tx: &Tx<'_>) -> String {
        format!("{}/i/{}/{}", tx.world().url, tx.account(), self.token)
    }

    pub fn payments<'a>(&'a self, tx: &'a Tx<'_>) -> impl Iterator<Item = &'a InvoicePayment> {
        tx.of_owner::<InvoicePayment>(&self.id)
    }
}

impl Resource for Invoice {
    stored_as!(Invoice);

    fn render(&self, tx: &Tx<'_>) -> Value {
        render::invoice(self, tx)
    }

    fn includable(&self, tx: &Tx<'_>, field: &str) -> Option<Value> {
        match field {
            "payments" => {
                let url = format!("/v1/invoice_payments?invoice={}", self.id);
                Some(inline(&url, self.payments(tx).map(|payment| payment.render(tx))))
            }
            "confirmation_secret" => {
                let intent = self.payment_intent.as_ref().and_then(|id| tx.find::<PaymentIntent>(id));
                let secret = |it: &PaymentIntent| json!({ "client_secret": it.client_secret, "type": "payment_intent" });
                Some(intent.map_or(Value::Null, secret))
            }
            _ => None,
        }
    }

    fn test_clock(&self) -> Option<&str> {
        self.test_clock.as_deref()
    }

    /// A draft is finalized, an open invoice is tried again, and one that was sent is overdue.
    fn due(&self) -> Option<Timestamp> {
        match self.status {
            InvoiceStatus::Draft => self.finalizes_at.filter(|_| self.auto_advance),
            InvoiceStatus::Open => self.next_payment_attempt.or(self.overdue_at()),
            InvoiceStatus::Paid | InvoiceStatus::Uncollectible | InvoiceStatus::Void => None,
        }
    }

    fn owner(&self) -> Option<&str> {
        Some(&self.customer)
    }
}
