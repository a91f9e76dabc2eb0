//! Changes at Stripe: prepare, call, record (architecture, "Changes that reach out").
//!
//! *Prepare* writes the call down in the transaction that decides on it. *Call* sends it without a transaction, under
//! its stored key. *Record* saves the outcome with all that follows from it. Whoever loses its way in between leaves an
//! unresolved call, which anybody can drive to its end: the worker, a repeat of the request, and the guard.

mod drive;
mod prepare;
mod record;

pub(crate) use drive::{CallError, Driven};
