//! Invoices and credit notes as PDFs.

use actix_web::{
    HttpResponse,
    http::header,
    web::{self, Path, ServiceConfig},
};

use super::{PageError, Said, Sandbox, invoice::find, visit};
use crate::{
    pages::{
        present::{credit_note, invoice},
        render_document,
        views::Document,
    },
    resources::credit_notes::CreditNote,
    store::Origin,
};

pub fn configure(config: &mut ServiceConfig) {
    config
        .route("/i/{account}/{token}/pdf", web::get().to(of_invoice))
        .route("/i/{account}/{token}/credit_notes/{note}/pdf", web::get().to(of_credit_note));
}

async fn of_invoice(shared: Sandbox, path: Path<(String, String)>) -> Said {
    let (account, token) = path.into_inner();
    visit(&shared, |world| {
        let tx = world.begin(&account, Origin::default());
        Ok(file(&invoice::document(&tx, &find(&tx, &token)?)))
    })
}

/// Only beside its own invoice, whose token cannot be guessed.
async fn of_credit_note(shared: Sandbox, path: Path<(String, String, String)>) -> Said {
    let (account, token, id) = path.into_inner();
    visit(&shared, |world| {
        let tx = world.begin(&account, Origin::default());
        let invoice = find(&tx, &token)?;
        let note = tx.find::<CreditNote>(&id).filter(|note| note.invoice == invoice.id);
        let note = note.ok_or_else(|| PageError::not_found("credit note"))?;
        Ok(file(&credit_note::document(&tx, &invoice, note)))
    })
}

fn file(document: &Document) -> HttpResponse {
    let fits = |it: &char| it.is_ascii_alphanumeric() || *it == '-';
    let number: String = document.number.chars().filter(fits).collect();
    let name = format!("{}-{number}.pdf", document.kind.title().replace(' ', "-"));
    HttpResponse::Ok()
        .content_type("application/pdf")
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(render_document(document))
}
