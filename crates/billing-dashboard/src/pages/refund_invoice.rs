use actix_web::http::StatusCode;
use billing_application::{InvoiceError, RefundInvoice, Refused};
use billing_domain::{App, Invoice, Money, RefundReason, RefundState};

use super::invoice::{invoice, path};
use super::invoices::row;
use super::sales::unless_zero;
use crate::views::{Choice, Field, FormError, FormState, Place, RefundForm, RefundPage};
use crate::web::{Fields, Flash, Reply, Submission, Visit, parsed, redirect, rendered};

pub(crate) async fn show(visit: Visit) -> Reply {
    let app = visit.app().await?;
    let invoice = invoice(&visit, &app).await?;
    let left = invoice.refund_state().map(|state| state.left).and_then(unless_zero);
    let Some(left) = left else { return Ok(redirect(&path(&app, invoice.id))) };
    let form = RefundForm {
        state: visit.creating(),
        amount: Field::new(left.in_major_units()),
        reason: Field::new(RefundReason::RequestedByCustomer.as_str()),
    };
    page(&visit, StatusCode::OK, &app, &invoice, form)
}

pub(crate) async fn take(submission: Submission) -> Reply {
    let administrator = submission.administrator()?;
    let (visit, fields) = (&submission.visit, &submission.fields);
    let app = visit.app().await?;
    let invoice = invoice(visit, &app).await?;
    let typed = |state| RefundForm { state, amount: fields.typed("amount"), reason: fields.typed("reason") };
    let mut errors = Vec::new();
    let Some(request) = read(fields, &app, &invoice, &mut errors) else {
        let form = typed(submission.again(errors));
        return page(visit, StatusCode::BAD_REQUEST, &app, &invoice, form);
    };
    // A form of an earlier page may have none. The next one has.
    let Some(key) = submission.request_key() else {
        let message = "The form was not complete, so nothing was refunded. Send it again.".to_owned();
        let again = submission.again(vec![FormError { field: None, message }]);
        let form = typed(FormState { submission: visit.creating().submission, ..again });
        return page(visit, StatusCode::BAD_REQUEST, &app, &invoice, form);
    };
    let refunded = visit.call(administrator, |executor, by| async move {
        executor.refund_invoice(&by, &request, &key).await
    });
    match refunded.await? {
        Ok(_) => visit.done(Flash::InvoiceRefunded, &path(&app, invoice.id)),
        Err(refused) => {
            let is_partly_refunded = matches!(refused, Refused::Rule(InvoiceError::PartlyRefunded { .. }));
            let (status, state) = submission.refused(refused)?;
            let state = FormState { is_partly_refunded, ..state };
            // Somebody else may have refunded a part meanwhile.
            let invoice = super::invoice::invoice(visit, &app).await?;
            page(visit, status, &app, &invoice, typed(state))
        }
    }
}

/// The refund of the typed amount: never of all that is left, which may be another amount by now.
fn read(fields: &Fields, app: &App, invoice: &Invoice, errors: &mut Vec<FormError>) -> Option<RefundInvoice> {
    let currency = invoice.details.total.currency();
    let amount = parsed(Money::parse(fields.text("amount"), currency), "amount", errors);
    let reason = fields.parse("reason", errors);
    let amount = Some(amount?.minor_units());
    Some(RefundInvoice { app_id: app.id.clone(), invoice_id: invoice.id, amount, reason: Some(reason?) })
}

fn page(visit: &Visit, status: StatusCode, app: &App, invoice: &Invoice, form: RefundForm) -> Reply {
    let nothing = Money::new(0, invoice.details.total.currency());
    let state = invoice.refund_state();
    let state = state.unwrap_or_else(|| RefundState::of_sums(nothing, nothing, nothing, nothing));
    let row = row(invoice);
    let page = RefundPage {
        layout: visit.app_layout(app, Place::Billing)?,
        path: path(app, invoice.id),
        number: row.number,
        payer: row.payer,
        paid: state.paid.to_string(),
        refunded: unless_zero(state.refunded).map(|refunded| refunded.to_string()),
        left: state.left.to_string(),
        currency: state.left.currency().to_string(),
        reasons: RefundReason::ALL.map(|reason| Choice::new(reason.as_str(), label(reason))).into(),
        form,
    };
    rendered(status, &page)
}

fn label(reason: RefundReason) -> &'static str {
    match reason {
        RefundReason::RequestedByCustomer => "Asked by the customer",
        RefundReason::Duplicate => "Duplicate",
        RefundReason::Fraudulent => "Fraudulent",
    }
}
