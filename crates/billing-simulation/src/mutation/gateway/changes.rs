//! Weakened rules of refunds, changes of plan and trials.

use billing_domain::ports::SentCall;
use billing_domain::{
    CallPurpose, ChangeBilling, GatewayCall, GatewayInvoice, IdempotencyKey, InvoiceStatus, ItemChange,
    PreviewedInvoice, StripeId, Timestamp,
};

use super::WeakGateway;
use crate::mutation::Mutation;

impl WeakGateway {
    /// The call, under a key of this attempt if that is the mutation.
    pub(super) fn rekeyed(&self, call: &GatewayCall) -> GatewayCall {
        let is_rekeyed = match call.purpose {
            CallPurpose::RefundInvoice { .. } => self.is(Mutation::RefundKeyOnRetry),
            CallPurpose::ChangePlan { .. } => self.is(Mutation::PlanChangeKeyOnRetry),
            _ => false,
        };
        let key = if is_rekeyed { IdempotencyKey::from_uuid(self.ids.uuid_v7()) } else { call.key.clone() };
        GatewayCall { key, ..call.clone() }
    }

    /// What is taken for the outcome of a call when no answer came.
    pub(super) fn taken_for_unknown(&self, call: &GatewayCall) -> Option<SentCall> {
        let is_change =
            matches!(call.purpose, CallPurpose::ChangePlan { .. } | CallPurpose::SetTrialEnd { .. });
        match self.mutation {
            Mutation::UnknownIsRefused => {
                Some(SentCall::Refused { reason: "No answer came.".to_owned(), missing: None })
            }
            Mutation::UnknownIsDone if is_change => {
                let subscription = call.request.path.rsplit('/').next()?;
                Some(SentCall::Done(StripeId::parse(subscription).unwrap()))
            }
            _ => None,
        }
    }

    pub(super) fn invoice_weakened(&self, mut invoice: GatewayInvoice) -> GatewayInvoice {
        match self.mutation {
            Mutation::RefundsReadAsNone => {
                for payment in invoice.details.payments.iter_mut().flatten() {
                    payment.refunds.clear();
                }
                invoice
            }
            Mutation::PaidInvoiceNotFetched if invoice.details.status == InvoiceStatus::Paid => {
                self.paid.lock().unwrap().entry(invoice.id.clone()).or_insert(invoice).clone()
            }
            _ => invoice,
        }
    }

    /// What a change cost when it was shown, if it is asked what it costs as of then.
    pub(super) fn shown_before(&self, change: &ItemChange) -> Option<PreviewedInvoice> {
        let ChangeBilling::Invoiced { as_of: Some(as_of), .. } = change.billing else { return None };
        self.shown.lock().unwrap().get(&kept_under(change, as_of)).cloned()
    }

    pub(super) fn remember_shown(&self, change: &ItemChange, previewed: &PreviewedInvoice) {
        if let Some(as_of) = previewed.as_of.filter(|_| self.is(Mutation::PreviewNotAskedAgain)) {
            self.shown.lock().unwrap().insert(kept_under(change, as_of), previewed.clone());
        }
    }
}

fn kept_under(change: &ItemChange, as_of: Timestamp) -> String {
    let ItemChange { subscription, price, quantity, .. } = change;
    format!("{subscription} {price:?} {quantity} {as_of}")
}
