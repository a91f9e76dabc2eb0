use billing_domain::{Currency, InvoicePayment, StripeId};
use serde::Deserialize;

use super::invoice::money;
use super::{HasId, Reference, moment, stripe_id};
use crate::{answer::Unreadable, metadata::Metadata};

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
    /// The refund, which is in its payment's currency.
    fn mirrored(self, currency: Currency) -> Result<billing_domain::Refund, Unreadable> {
        Ok(billing_domain::Refund {
            id: self.stripe_id()?,
            amount: money(self.amount, currency, "amount")?,
            status: self.status.unwrap_or_default().into(),
            reason: self.reason,
            created_at: moment(self.created).ok_or(Unreadable::Field("created"))?,
            call_id: self.metadata.as_ref().and_then(Metadata::call),
        })
    }
}
