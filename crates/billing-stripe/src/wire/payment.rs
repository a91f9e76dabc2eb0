use billing_domain::{Currency, InvoicePayment, StripeId};
use serde::Deserialize;

use super::invoice::money;
use super::{HasId, Page, Reference, moment, stripe_id};
use crate::{answer::Unreadable, metadata::Metadata};

/// A paid invoice with its payments.
#[derive(Debug, Deserialize)]
pub(crate) struct PaidInvoice {
    id: Option<String>,
    payments: Option<Page<Payment>>,
}

impl PaidInvoice {
    /// The payment intents that paid it, each with its amount in Stripe's unit of the currency.
    pub(crate) fn payments(self) -> impl Iterator<Item = (StripeId, i64)> {
        let payments = self.payments.map(|page| page.data).unwrap_or_default();
        payments.into_iter().filter_map(|payment| match payment.made_by()? {
            MadeBy::Intent(intent) => Some((intent, payment.amount_paid?)),
            MadeBy::Charge(_) => None,
        })
    }
}

impl HasId for PaidInvoice {
    fn stripe_id(&self) -> Result<StripeId, Unreadable> {
        stripe_id(self.id.as_deref())
    }
}

/// A payment of an invoice, paid or not.
#[derive(Debug, Deserialize)]
pub(crate) struct Payment {
    id: Option<String>,
    status: Option<String>,
    invoice: Option<Reference>,
    amount_paid: Option<i64>,
    #[serde(rename = "payment")]
    paid_by: Option<PaidBy>,
}

/// A payment that was reported to Stripe, and not made through it, has neither.
#[derive(Debug, Deserialize)]
struct PaidBy {
    payment_intent: Option<Reference>,
    charge: Option<Reference>,
}

/// The object with which a payment was made.
#[derive(Debug, Clone)]
pub(crate) enum MadeBy {
    Intent(StripeId),
    Charge(StripeId),
}

impl HasId for Payment {
    fn stripe_id(&self) -> Result<StripeId, Unreadable> {
        stripe_id(self.id.as_deref())
    }
}

impl Payment {
    /// The invoice.
    pub(crate) fn invoice(&self) -> Option<StripeId> {
        self.invoice.as_ref()?.id()
    }

    /// What a paid payment was made by, if that was through Stripe.
    pub(crate) fn made_by(&self) -> Option<MadeBy> {
        let by = self.paid_by.as_ref().filter(|_| self.status.as_deref() == Some("paid"))?;
        let id = |reference: &Option<Reference>| reference.as_ref().and_then(Reference::id);
        id(&by.payment_intent).map(MadeBy::Intent).or_else(|| id(&by.charge).map(MadeBy::Charge))
    }

    /// The payment with its refunds, in the invoice's currency.
    pub(crate) fn mirrored(
        &self,
        by: MadeBy,
        refunds: Vec<Refund>,
        currency: Currency,
    ) -> Result<InvoicePayment, Unreadable> {
        let (MadeBy::Intent(payment) | MadeBy::Charge(payment)) = by;
        let refunds = refunds.into_iter().map(|refund| refund.mirrored(currency));
        Ok(InvoicePayment {
            payment,
            paid: money(self.amount_paid, currency, "amount_paid")?,
            refunds: refunds.collect::<Result<_, _>>()?,
        })
    }
}

/// A refund.
#[derive(Debug, Deserialize)]
pub(crate) struct Refund {
    id: Option<String>,
    amount: Option<i64>,
    status: Option<String>,
    reason: Option<String>,
    created: Option<i64>,
    metadata: Option<Metadata>,
}

impl HasId for Refund {
    fn stripe_id(&self) -> Result<StripeId, Unreadable> {
        stripe_id(self.id.as_deref())
    }
}

impl Refund {
    /// The amount that is paid back or on its way, in Stripe's unit of the currency. A failed refund gives nothing back.
    pub(crate) fn amount(&self) -> i64 {
        match self.status.as_deref() {
            Some("failed" | "canceled") => 0,
            _ => self.amount.unwrap_or_default(),
        }
    }

    /// The refund, which is in its payment's currency.
    fn mirrored(self, currency: Currency) -> Result<billing_domain::Refund, Unreadable> {
        Ok(billing_domain::Refund {
            id: self.stripe_id()?,
            amount: money(self.amount, currency, "amount")?,
            status: self.status.ok_or(Unreadable::Field("status"))?.into(),
            reason: self.reason,
            created_at: moment(self.created).ok_or(Unreadable::Field("created"))?,
            call_id: self.metadata.as_ref().and_then(Metadata::call),
        })
    }
}
