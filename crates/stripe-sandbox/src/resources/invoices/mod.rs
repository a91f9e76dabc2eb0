//! What a customer owes, and how it was paid.

mod endpoints;
mod lines;
mod particulars;
mod preview;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use self::{
    endpoints::routes,
    lines::{Line, Period, Pricing},
    particulars::Particulars,
    preview::{preview_change, preview_renewal},
};
use super::{accounts::Account, invoice_payments::InvoicePayment, payment_intents::PaymentIntent};
use crate::{
    clock::Timestamp,
    currency,
    store::{Resource, Tx, stored_as},
    wire::{Metadata, page::list as rendered_list},
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

    pub fn total(&self) -> i64 {
        self.subtotal().saturating_sub(self.discounted())
    }

    /// What a balance of the customer makes of it: what is to be paid, or if it is negative, what is left to them.
    pub fn total_with(&self, balance: i64) -> i64 {
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

    fn overdue_at(&self) -> Option<Timestamp> {
        let is_sent = self.collection_method == CollectionMethod::SendInvoice;
        self.due_date.filter(|_| is_sent && !self.is_overdue)
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

    fn render_parent(&self, particulars: &Particulars) -> Value {
        let Some(id) = &self.subscription else { return Value::Null };
        json!({
            "quote_details": null,
            "subscription_details": { "metadata": particulars.subscription_metadata, "subscription": id },
            "type": "subscription_details",
        })
    }

    pub fn payments<'a>(&'a self, tx: &'a Tx<'_>) -> impl Iterator<Item = &'a InvoicePayment> {
        tx.of_owner::<InvoicePayment>(&self.id)
    }
}

impl Resource for Invoice {
    stored_as!(Invoice);

    fn render(&self, tx: &Tx<'_>) -> Value {
        let particulars = self.particulars(tx);
        let account = tx.find::<Account>(tx.account());
        let is_final = self.transitions.finalized_at.is_some();
        let url = self.hosted_url(tx);
        let lines = self.lines.iter().map(|line| line.render(Some(&self.id), &self.currency)).collect();
        let mut body = json!({
            "id": self.id,
            "object": "invoice",
            "account_country": account.map(|account| &account.country),
            "account_name": account.and_then(|account| account.name.as_ref()),
            "account_tax_ids": null,
            "amount_due": self.amount_due(),
            "amount_overpaid": 0,
            "amount_paid": self.amount_paid,
            "amount_remaining": self.amount_remaining(),
            "amount_shipping": 0,
            "application": null,
            "attempt_count": self.attempt_count,
            "attempted": self.is_attempted,
            "auto_advance": self.auto_advance,
            "automatic_tax": {
                "disabled_reason": null, "enabled": false, "liability": null, "provider": null, "status": null,
            },
            "automatically_finalizes_at": self.finalizes_at,
            "billing_reason": self.billing_reason,
            "collection_method": self.collection_method,
            "created": self.created,
            "currency": self.currency,
            "custom_fields": null,
            "customer": self.customer,
            "customer_account": null,
            "customer_address": particulars.address,
            "customer_email": particulars.email,
            "customer_name": particulars.name,
            "customer_phone": particulars.phone,
            "customer_shipping": null,
            "customer_tax_exempt": "none",
            "customer_tax_ids": [],
        });
        let rest = json!({
            "default_payment_method": self.default_payment_method,
            "default_source": null,
            "default_tax_rates": [],
            "description": self.description,
            "discounts": self.discounts,
            "due_date": self.due_date,
            "effective_at": self.transitions.finalized_at,
            "ending_balance": self.ending_balance,
            "footer": self.footer,
            "from_invoice": null,
            "hosted_invoice_url": is_final.then_some(&url),
            "invoice_pdf": is_final.then(|| format!("{url}/pdf")),
            "issuer": { "type": "self" },
            "last_finalization_error": null,
            "latest_revision": null,
            "lines": rendered_list(&format!("/v1/invoices/{}/lines", self.id), lines, false),
            "livemode": false,
            "metadata": self.metadata,
            "next_payment_attempt": self.next_payment_attempt,
            "number": self.number,
            "on_behalf_of": null,
            "parent": self.render_parent(&particulars),
            "payment_settings": {
                "default_mandate": null, "payment_method_options": null, "payment_method_types": null,
            },
            "period_end": self.period.end,
            "period_start": self.period.start,
            "post_payment_credit_notes_amount": self.post_credited,
            "pre_payment_credit_notes_amount": self.pre_credited,
            "receipt_number": null,
            "rendering": null,
            "shipping_cost": null,
            "shipping_details": null,
            "starting_balance": self.starting_balance,
            "statement_descriptor": null,
            "status": self.status,
            "status_transitions": self.transitions,
            "subtotal": self.subtotal(),
            "subtotal_excluding_tax": self.subtotal(),
            "test_clock": self.test_clock,
            "total": self.total(),
            "total_discount_amounts": self.render_discounts(false),
            "total_excluding_tax": self.total(),
            "total_pretax_credit_amounts": self.render_discounts(true),
            "total_taxes": [],
            "webhooks_delivered_at": is_final.then_some(self.created),
        });
        if let (Value::Object(body), Value::Object(rest)) = (&mut body, rest) {
            body.extend(rest);
        }
        body
    }

    fn includable(&self, tx: &Tx<'_>, field: &str) -> Option<Value> {
        match field {
            "payments" => {
                let data = self.payments(tx).map(|payment| payment.render(tx)).collect();
                Some(rendered_list("/v1/invoice_payments", data, false))
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

impl Invoice {
    fn render_discounts(&self, with_type: bool) -> Vec<Value> {
        let of = |id: &String| {
            let parts = self.lines.iter().flat_map(|line| &line.discounts).filter(|(of, _)| of == id);
            let amount = parts.fold(0_i64, |sum, (_, amount)| sum.saturating_add(*amount));
            if with_type {
                json!({ "amount": amount, "discount": id, "type": "discount" })
            } else {
                json!({ "amount": amount, "discount": id })
            }
        };
        self.discounts.iter().map(of).collect()
    }
}
