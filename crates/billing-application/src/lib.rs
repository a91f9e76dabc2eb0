//! The use cases of billing.
//!
//! A [`Change`] is a request: its fields are the input, its one method decides inside a transaction, and the
//! [`Executor`] does the rest. [`Reads`] are plain methods. Other systems are called between transactions, never
//! inside one.

mod accounts;
mod admission;
mod apps;
mod calls;
mod catalog;
mod change;
mod checkout;
mod closing;
mod csv;
mod disable_billing;
mod enable_billing;
mod guard;
mod invoices;
mod ports;
mod reads;
mod refusal;
mod remembered;
mod replay_work;
mod runner;
mod subscriptions;
mod sync;
mod webhooks;
mod worker;

pub use apps::*;
pub use catalog::*;
pub use change::*;
pub use checkout::*;
pub use disable_billing::*;
pub use enable_billing::*;
pub use invoices::*;
pub use ports::*;
pub use reads::*;
pub use refusal::*;
pub use remembered::RequestKeyReused;
pub use replay_work::*;
pub use runner::*;
pub use subscriptions::*;
pub use webhooks::*;
pub use worker::*;
