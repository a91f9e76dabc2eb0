//! The look of the pages that a person will use: views, styles and the PDF of an invoice. No handler serves them yet;
//! until then only their tests build them.

mod money;
mod pdf;
#[expect(unused_imports, reason = "handlers will use the views by these names")]
mod views;
