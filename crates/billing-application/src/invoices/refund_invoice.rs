use billing_domain::{
    Administrator, AppId, CallPurpose, GatewayCallId, GatewayCommand, Invoice, InvoiceId, Money,
    PaymentRefund, RefundReason, RefundRefused, RefundState, RequestKey,
};
use serde::Serialize;

use super::InvoiceError;
use super::change_invoice::{ChangedInvoice, InvoiceCase, InvoiceChange, Step};
use crate::calls::Driven;
use crate::change::Executor;
use crate::refusal::Refused;

/// Gives back what was paid for an invoice, in full or in part. Never more than was paid: what was refunded at Stripe and
/// what is under way is taken off first, whoever asked for it.
#[derive(Debug, Clone, Serialize)]
pub struct RefundInvoice {
    /// The app that sells.
    pub app_id: AppId,
    /// The invoice.
    pub invoice_id: InvoiceId,
    /// The amount in minor units of the invoice's currency; `None` for all that is left.
    pub amount: Option<i64>,
    /// The reason.
    pub reason: Option<RefundReason>,
}

impl RefundInvoice {
    fn asked(&self, invoice: &Invoice) -> Option<Money> {
        self.amount.map(|amount| Money::new(amount, invoice.details.total.currency()))
    }
}

impl InvoiceChange for RefundInvoice {
    const NAME: &'static str = "refund_invoice";

    fn invoice(&self) -> (&AppId, InvoiceId) {
        (&self.app_id, self.invoice_id)
    }

    fn plan(
        &self,
        case: &InvoiceCase,
        new_id: &dyn Fn() -> GatewayCallId,
    ) -> Result<Vec<Step>, InvoiceError> {
        let InvoiceCase { invoice, is_fetched, calls } = case;
        let state = RefundState::of(&invoice.details, calls).filter(|_| *is_fetched);
        let state = state.ok_or(InvoiceError::NotFetched)?;
        let parts = state.plan(&invoice.details, self.asked(invoice), self.reason)?;
        let step = |part: PaymentRefund| {
            let (refund_id, invoice_id) = (new_id(), self.invoice_id);
            let (payment, amount) = (part.payment().clone(), part.amount());
            let purpose = CallPurpose::RefundInvoice { invoice_id, refund_id, payment, amount };
            Step { id: refund_id, purpose, command: GatewayCommand::RefundPart(part) }
        };
        Ok(parts.into_iter().map(step).collect())
    }
}

impl Executor {
    /// Gives back what was paid and returns the invoice as it is then. The key tells a repeat from a second refund of the
    /// same amount: a repeat under it refunds nothing again.
    ///
    /// # Errors
    /// [`Refused`]. After [`InvoiceError::GatewayUnavailable`] the refund is tried again until its outcome is known, unless
    /// nothing was prepared.
    pub async fn refund_invoice(
        &self,
        administrator: &Administrator,
        request: &RefundInvoice,
        key: &RequestKey,
    ) -> Result<Invoice, Refused<InvoiceError>> {
        let ChangedInvoice { invoice, driven } =
            self.change_invoice(administrator, request, Some(key)).await?;
        let refused = driven.iter().find_map(|(_, outcome)| match outcome {
            Driven::Refused(reason) => Some(reason),
            Driven::Done(_) => None,
        });
        let Some(reason) = refused else { return Ok(invoice) };
        let done = driven.iter().filter(|(_, outcome)| matches!(outcome, Driven::Done(_)));
        let done = done.filter_map(|(call, _)| match call.purpose {
            CallPurpose::RefundInvoice { amount, .. } => Some(amount),
            _ => None,
        });
        if let Some(refunded) = done.reduce(|sum, amount| sum.checked_add(amount).unwrap_or(sum)) {
            return Err(InvoiceError::PartlyRefunded { refunded, reason: reason.clone() }.into());
        }
        // Somebody else may have refunded the payment at Stripe itself.
        let asked = request.asked(&invoice);
        match invoice.refund_state().map(|state| state.plan(&invoice.details, asked, None)) {
            Some(Err(exceeds @ RefundRefused::Exceeds { .. })) => Err(InvoiceError::from(exceeds).into()),
            _ => Err(InvoiceError::GatewayRefused(reason.clone()).into()),
        }
    }
}
