//! The use cases of billing.
//!
//! A [`Change`] is a request: its fields are the input, its one method decides inside a transaction, and the
//! [`Executor`] does the rest. [`Reads`] are plain methods. Other systems are called between transactions, never
//! inside one.

mod admission;
mod apps;
mod catalog;
mod change;
mod closing;
mod disable_billing;
mod enable_billing;
mod open_checkout_intent;
mod ports;
mod reads;
mod refusal;
mod remembered;
mod runner;
mod worker;

pub use apps::*;
pub use catalog::*;
pub use change::*;
pub use disable_billing::*;
pub use enable_billing::*;
pub use open_checkout_intent::*;
pub use ports::*;
pub use reads::*;
pub use refusal::*;
pub use remembered::RequestKeyReused;
pub use runner::*;
pub use worker::*;
