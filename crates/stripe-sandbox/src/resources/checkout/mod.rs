//! Checkout: a page on which a customer subscribes, pays once, or leaves a card.

mod asked;
mod create;
mod endpoints;
mod line_items;
mod pay;
mod payer;
mod promotion;
mod session;
mod settings;
mod waiting;

pub use self::{
    asked::SetupData,
    endpoints::routes,
    line_items::LineItem,
    pay::{Outcome, Payment, pay},
    promotion::{apply_code, remove_code},
    session::{Details, Mode, Order, Session, Status},
    settings::SubmitType,
    waiting::{debit_settled, fall_due, guard_intent, invoice_paid, payment_changed, setup_changed},
};
