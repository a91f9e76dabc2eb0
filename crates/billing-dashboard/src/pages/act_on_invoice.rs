use actix_web::http::StatusCode;
use billing_application::ActOnInvoice;
use billing_domain::{App, Invoice, InvoiceAction};

use super::invoice::{invoice, path};
use super::invoices::row;
use crate::views::{ConfirmPage, Confirmation, FormState, Place};
use crate::web::{Flash, Reply, Submission, Visit, redirect, rendered};

pub(crate) async fn show_void(visit: Visit) -> Reply {
    show(&visit, InvoiceAction::Void).await
}

pub(crate) async fn take_void(submission: Submission) -> Reply {
    take(&submission, InvoiceAction::Void).await
}

pub(crate) async fn show_uncollectible(visit: Visit) -> Reply {
    show(&visit, InvoiceAction::MarkUncollectible).await
}

pub(crate) async fn take_uncollectible(submission: Submission) -> Reply {
    take(&submission, InvoiceAction::MarkUncollectible).await
}

pub(crate) async fn show_send(visit: Visit) -> Reply {
    show(&visit, InvoiceAction::Send).await
}

pub(crate) async fn take_send(submission: Submission) -> Reply {
    take(&submission, InvoiceAction::Send).await
}

async fn show(visit: &Visit, action: InvoiceAction) -> Reply {
    let app = visit.app().await?;
    let invoice = invoice(visit, &app).await?;
    if invoice.details.admit(action) != Ok(true) {
        return Ok(redirect(&path(&app, invoice.id)));
    }
    ask(visit, StatusCode::OK, &app, &invoice, action, visit.creating())
}

async fn take(submission: &Submission, action: InvoiceAction) -> Reply {
    let administrator = submission.administrator()?;
    let visit = &submission.visit;
    let app = visit.app().await?;
    let invoice = invoice(visit, &app).await?;
    let request = ActOnInvoice { app_id: app.id.clone(), invoice_id: invoice.id, action };
    let key = submission.request_key();
    let acted = visit.call(administrator, |executor, by| async move {
        executor.act_on_invoice(&by, &request, key.as_ref()).await
    });
    match acted.await? {
        Ok(_) => {
            let flash = match action {
                InvoiceAction::Void => Flash::InvoiceVoided,
                InvoiceAction::MarkUncollectible => Flash::InvoiceGivenUp,
                InvoiceAction::Send => Flash::InvoiceSent,
            };
            visit.done(flash, &path(&app, invoice.id))
        }
        Err(refused) => {
            let (status, form) = submission.refused(refused)?;
            ask(visit, status, &app, &invoice, action, form)
        }
    }
}

fn ask(
    visit: &Visit,
    status: StatusCode,
    app: &App,
    invoice: &Invoice,
    action: InvoiceAction,
    form: FormState,
) -> Reply {
    let (row, back) = (row(invoice), path(app, invoice.id));
    let (verb, consequences, button, end) = match action {
        InvoiceAction::Void => (
            "Void",
            "Nobody can pay it any more, and its payer owes nothing for it. This cannot be undone."
                .to_owned(),
            "Void invoice",
            "void",
        ),
        InvoiceAction::MarkUncollectible => (
            "Give up",
            "Stripe does not collect it any more. It can still be paid on its page, or be voided.".to_owned(),
            "Mark as uncollectible",
            "mark-uncollectible",
        ),
        InvoiceAction::Send => (
            "Send",
            format!("Stripe sends it by e-mail to {}, with the page on which it can be paid.", row.payer),
            "Send invoice",
            "send",
        ),
    };
    let asked = Confirmation {
        question: format!("{verb} invoice {} of {}?", row.number, row.total),
        consequences,
        button,
        leave: "Leave it as it is",
        action: format!("{back}/{end}"),
        back,
        back_label: "Invoice".to_owned(),
    };
    let layout = visit.app_layout(app, Place::Billing)?;
    rendered(status, &ConfirmPage { layout, asked, form, refusal: None })
}
