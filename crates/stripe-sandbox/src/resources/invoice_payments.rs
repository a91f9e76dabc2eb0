//! How an invoice is paid: by which payment intent, and how far that is.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    clock::Timestamp,
    store::{Resource, Tx, stored_as},
    wire::{Answer, Call, Range, Reply, Routes},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvoicePaymentStatus {
    Open,
    Paid,
    Canceled,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct InvoicePayment {
    pub id: String,
    pub created: Timestamp,
    pub invoice: String,
    pub payment_intent: String,
    pub amount: i64,
    pub currency: String,
    pub status: InvoicePaymentStatus,
    pub ended_at: Option<Timestamp>,
}

impl Resource for InvoicePayment {
    stored_as!(InvoicePayment);

    fn render(&self, _tx: &Tx<'_>) -> Value {
        let ended = |status| self.ended_at.filter(|_| self.status == status);
        json!({
            "id": self.id,
            "object": "invoice_payment",
            "amount_paid": (self.status == InvoicePaymentStatus::Paid).then_some(self.amount),
            "amount_requested": self.amount,
            "created": self.created,
            "currency": self.currency,
            "invoice": self.invoice,
            "is_default": true,
            "livemode": false,
            "payment": { "payment_intent": self.payment_intent, "type": "payment_intent" },
            "status": self.status,
            "status_transitions": {
                "canceled_at": ended(InvoicePaymentStatus::Canceled),
                "paid_at": ended(InvoicePaymentStatus::Paid),
            },
        })
    }

    /// Listed under its invoice.
    fn owner(&self) -> Option<&str> {
        Some(&self.invoice)
    }
}

pub fn routes(routes: &mut Routes) {
    routes.list("/v1/invoice_payments", list);
    routes.get("/v1/invoice_payments/{payment}", retrieve);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListPayments {
    created: Option<Range>,
    invoice: Option<String>,
    status: Option<InvoicePaymentStatus>,
    payment: Option<PaymentFilter>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PaymentFilter {
    payment_intent: Option<String>,
    #[serde(rename = "type")]
    _kind: String,
}

fn list(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let params: ListPayments = call.params()?;
    let intent = params.payment.and_then(|payment| payment.payment_intent);
    let wanted = |payment: &&InvoicePayment| {
        params.invoice.as_ref().is_none_or(|invoice| payment.invoice == *invoice)
            && params.created.is_none_or(|range| range.holds(payment.created))
            && params.status.is_none_or(|status| payment.status == status)
            && intent.as_ref().is_none_or(|intent| payment.payment_intent == *intent)
    };
    call.page_of(tx, tx.newest_first::<InvoicePayment>().filter(wanted))
}

fn retrieve(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    Ok(Answer::object(&tx.get::<InvoicePayment>(call.id("payment"))?))
}
