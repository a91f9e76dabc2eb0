use billing_domain::StripeId;
use serde::Deserialize;

use super::{HasId, Reference, stripe_id};
use crate::answer::Unreadable;

/// A paid invoice with its payments.
#[derive(Debug, Deserialize)]
pub(crate) struct PaidInvoice {
    id: Option<String>,
    payments: Option<Payments>,
}

#[derive(Debug, Deserialize)]
struct Payments {
    data: Vec<InvoicePayment>,
}

#[derive(Debug, Deserialize)]
struct InvoicePayment {
    status: Option<String>,
    amount_paid: Option<i64>,
    payment: Option<Payment>,
}

#[derive(Debug, Deserialize)]
struct Payment {
    payment_intent: Option<Reference>,
}

impl PaidInvoice {
    /// The payment intents that paid it, each with its amount in Stripe's unit of the currency.
    pub(crate) fn payments(self) -> impl Iterator<Item = (StripeId, i64)> {
        let payments = self.payments.map(|payments| payments.data).unwrap_or_default();
        payments.into_iter().filter(|payment| payment.status.as_deref() == Some("paid")).filter_map(
            |payment| {
                let intent = payment.payment?.payment_intent?.id()?;
                Some((intent, payment.amount_paid?))
            },
        )
    }
}

impl HasId for PaidInvoice {
    fn stripe_id(&self) -> Result<StripeId, Unreadable> {
        stripe_id(self.id.as_deref())
    }
}

/// A refund.
#[derive(Debug, Deserialize)]
pub(crate) struct Refund {
    id: Option<String>,
    status: Option<String>,
    amount: Option<i64>,
}

impl Refund {
    /// The amount that is paid back or on its way, in Stripe's unit of the currency. A failed refund gives nothing back.
    pub(crate) fn amount(&self) -> i64 {
        match self.status.as_deref() {
            Some("failed" | "canceled") => 0,
            _ => self.amount.unwrap_or_default(),
        }
    }
}

impl HasId for Refund {
    fn stripe_id(&self) -> Result<StripeId, Unreadable> {
        stripe_id(self.id.as_deref())
    }
}
