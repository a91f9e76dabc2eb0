//! Changes of invoices.

mod act_on_invoice;
mod change_invoice;
mod invoice_error;
mod refund_invoice;

pub use act_on_invoice::ActOnInvoice;
pub use invoice_error::InvoiceError;
pub use refund_invoice::RefundInvoice;
