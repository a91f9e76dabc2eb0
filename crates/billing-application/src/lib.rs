//! The use cases of billing. Each reads as its own summary: load, decide by a rule of `billing-domain`, save.
//!
//! A use case is built once from [`Ports`] and may be executed any number of times at once. Whatever changes
//! something does so in one unit of work together with its audit entry; whatever reaches out does so between
//! two units of work, never inside one.

mod closing;
mod disable_billing;
mod enable_billing;
mod open_checkout_intent;
mod ports;
mod preflight_disable;
mod read_billing_status;
mod recover_closings;

#[cfg(test)]
mod testing;

pub use disable_billing::{DisableBilling, DisableBillingError, DisableBillingRequest};
pub use enable_billing::{EnableBilling, EnableBillingError, EnableBillingRequest};
pub use open_checkout_intent::{OpenCheckoutIntent, OpenCheckoutIntentError, OpenCheckoutIntentRequest};
pub use ports::Ports;
pub use preflight_disable::{PreflightDisable, PreflightDisableError};
pub use read_billing_status::ReadBillingStatus;
pub use recover_closings::{RecoverClosings, RecoveredClosings};
