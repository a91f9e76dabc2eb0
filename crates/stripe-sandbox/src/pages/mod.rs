//! What people see and type: views and styles, the PDFs of invoices and credit notes, the words for what is stored, and the reading of
//! forms. `http::pages` serves them.

pub(crate) mod card_entry;
pub(crate) mod customer_entry;
mod money;
mod once;
mod pdf;
pub(crate) mod present;
pub(crate) mod views;

pub(crate) use self::{
    money::format_money,
    once::{Submission, new_submission, once},
    pdf::render_document,
};
