//! What is taken off a final invoice.

mod asked;
mod endpoints;
mod lines;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use self::{asked::AskedNote, endpoints::routes, lines::CreditLine};
use super::invoices::{Invoice, discount_amounts, pretax_credit_amounts};
use crate::{
    clock::Timestamp,
    store::{Resource, Tx, stored_as},
    wire::{Metadata, page::inline},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CreditNoteStatus {
    Issued,
    Void,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CreditReason {
    Duplicate,
    Fraudulent,
    OrderChange,
    ProductUnsatisfactory,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CreditNote {
    pub id: String,
    pub created: Timestamp,
    pub effective_at: Timestamp,
    pub invoice: String,
    pub customer: String,
    pub currency: String,
    pub number: String,
    pub status: CreditNoteStatus,
    pub voided_at: Option<Timestamp>,
    pub lines: Vec<CreditLine>,
    /// What it takes off what is still to be paid. The rest of it gives back what was paid.
    pub pre_payment: i64,
    pub balance_transaction: Option<String>,
    /// Refunds, and how much of each.
    pub refunds: Vec<(String, i64)>,
    pub out_of_band: Option<i64>,
    pub reason: Option<CreditReason>,
    pub memo: Option<String>,
    pub metadata: Metadata,
    pub test_clock: Option<String>,
}

impl CreditNote {
    pub fn subtotal(&self) -> i64 {
        self.lines.iter().fold(0, |sum, line| sum.saturating_add(line.amount))
    }

    fn discounted(&self) -> i64 {
        self.lines.iter().fold(0, |sum, line| sum.saturating_add(line.discounted()))
    }

    pub fn total(&self) -> i64 {
        self.subtotal() - self.discounted()
    }

    pub fn post_payment(&self) -> i64 {
        self.total() - self.pre_payment
    }

    fn kind(&self) -> &'static str {
        match (self.pre_payment, self.post_payment()) {
            (_, 0) => "pre_payment",
            (0, _) => "post_payment",
            _ => "mixed",
        }
    }

    /// What is not credited because it had been taken off, by discount.
    pub fn discounts(&self) -> Vec<(String, i64)> {
        let mut sums: Vec<(String, i64)> = Vec::new();
        for (id, amount) in self.lines.iter().flat_map(|line| &line.discounts) {
            match sums.iter_mut().find(|(known, _)| known == id) {
                Some((_, sum)) => *sum += amount,
                None => sums.push((id.clone(), *amount)),
            }
        }
        sums
    }
}

impl Resource for CreditNote {
    stored_as!(CreditNote);

    fn render(&self, tx: &Tx<'_>) -> Value {
        let invoice = tx.find::<Invoice>(&self.invoice).map(|invoice| invoice.hosted_url(tx));
        let refund = |(id, amount): &(String, i64)| {
            json!({
                "amount_refunded": amount, "payment_record_refund": null, "refund": id, "type": "refund",
            })
        };
        let discounts = self.discounts();
        json!({
            "id": self.id,
            "object": "credit_note",
            "amount": self.total(),
            "amount_shipping": 0,
            "created": self.created,
            "currency": self.currency,
            "customer": self.customer,
            "customer_account": null,
            "customer_balance_transaction": self.balance_transaction,
            "discount_amount": self.discounted(),
            "discount_amounts": discount_amounts(&discounts),
            "effective_at": self.effective_at,
            "invoice": self.invoice,
            "lines": inline(&format!("/v1/credit_notes/{}/lines", self.id), self.lines.iter().map(CreditLine::render)),
            "livemode": false,
            "memo": self.memo,
            "metadata": self.metadata,
            "number": self.number,
            "out_of_band_amount": self.out_of_band,
            "pdf": format!("{}/credit_notes/{}/pdf", invoice.unwrap_or_default(), self.id),
            "post_payment_amount": self.post_payment(),
            "pre_payment_amount": self.pre_payment,
            "pretax_credit_amounts": pretax_credit_amounts(&discounts),
            "reason": self.reason,
            "refunds": self.refunds.iter().map(refund).collect::<Vec<_>>(),
            "shipping_cost": null,
            "status": self.status,
            "subtotal": self.subtotal(),
            "subtotal_excluding_tax": self.subtotal(),
            "total": self.total(),
            "total_excluding_tax": self.total(),
            "total_taxes": [],
            "type": self.kind(),
            "voided_at": self.voided_at,
        })
    }

    fn test_clock(&self) -> Option<&str> {
        self.test_clock.as_deref()
    }

    /// Listed under its invoice.
    fn owner(&self) -> Option<&str> {
        Some(&self.invoice)
    }
}
