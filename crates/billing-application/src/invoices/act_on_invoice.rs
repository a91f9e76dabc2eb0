use billing_domain::{
    Administrator, AppId, CallPurpose, GatewayCall, GatewayCallId, GatewayCommand, Invoice, InvoiceAction,
    InvoiceActionRefused, InvoiceId, RequestKey,
};
use serde::Serialize;

use super::InvoiceError;
use super::change_invoice::{ChangedInvoice, InvoiceCase, InvoiceChange, Step};
use crate::calls::Driven;
use crate::change::Executor;
use crate::refusal::Refused;

/// Voids an invoice, gives it up, or has it sent again. May be repeated: one that is as asked stays as it is; sending is
/// repeated once the first is settled.
#[derive(Debug, Clone, Serialize)]
pub struct ActOnInvoice {
    /// The app that sells.
    pub app_id: AppId,
    /// The invoice.
    pub invoice_id: InvoiceId,
    /// The action.
    pub action: InvoiceAction,
}

impl InvoiceChange for ActOnInvoice {
    const NAME: &'static str = "act_on_invoice";

    fn invoice(&self) -> (&AppId, InvoiceId) {
        (&self.app_id, self.invoice_id)
    }

    /// A change of the status whose outcome is unknown may still be carried out after this one, and would undo it.
    fn is_rival(&self, call: &GatewayCall) -> bool {
        let CallPurpose::ActOnInvoice { action, .. } = call.purpose else { return false };
        action != self.action && action != InvoiceAction::Send
    }

    fn plan(
        &self,
        case: &InvoiceCase,
        new_id: &dyn Fn() -> GatewayCallId,
    ) -> Result<Vec<Step>, InvoiceError> {
        let Self { invoice_id, action, .. } = *self;
        if !case.invoice.details.admit(action)? {
            return Ok(Vec::new());
        }
        let purpose = CallPurpose::ActOnInvoice { invoice_id, action };
        let invoice = case.invoice.stripe_id.clone();
        let command = match action {
            InvoiceAction::Void => GatewayCommand::VoidInvoice { invoice },
            InvoiceAction::MarkUncollectible => GatewayCommand::MarkInvoiceUncollectible { invoice },
            InvoiceAction::Send => GatewayCommand::SendInvoice { invoice },
        };
        Ok(vec![Step { id: new_id(), purpose, command }])
    }
}

impl Executor {
    /// Acts on an invoice and returns it as it is then.
    ///
    /// # Errors
    /// [`Refused`]. After [`InvoiceError::GatewayUnavailable`] the call is repeated until its outcome is known.
    pub async fn act_on_invoice(
        &self,
        administrator: &Administrator,
        request: &ActOnInvoice,
        key: Option<&RequestKey>,
    ) -> Result<Invoice, Refused<InvoiceError>> {
        let ChangedInvoice { invoice, driven } = self.change_invoice(administrator, request, key).await?;
        let Some((_, Driven::Refused(reason))) = driven.into_iter().next() else { return Ok(invoice) };
        // Somebody else was faster: the payer, at Stripe itself, or an earlier attempt.
        match invoice.details.admit(request.action) {
            Ok(false) => Ok(invoice),
            Err(refused @ InvoiceActionRefused::Status { .. }) => Err(InvoiceError::from(refused).into()),
            _ => Err(InvoiceError::GatewayRefused(reason).into()),
        }
    }
}
