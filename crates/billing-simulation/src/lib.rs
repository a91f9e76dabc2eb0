//! The whole system of KolayLogin billing in one deterministic process: one seed is one life.
//!
//! The real use cases, the real worker and the real store on SQLite run above Stripe's sandbox, called in process, on one
//! thread and under a virtual clock. Each statement and each request to Stripe is a point at which the seed decides: go on,
//! let another go first, crash, lose the request or its answer, move the clock. An auditor reads the sandbox's ledger and
//! our tables, never our API, and checks the invariants of the contract after every step.
#![allow(
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a simulation that cannot go on fails by panicking, with the reason"
)]

mod auditor;
mod crew;
mod gate;
mod life;
mod mutation;
mod orders;
mod ports;
mod replica;
mod revenue;
mod scene;
mod stage;
mod stripe;
mod template;
mod weather;

pub use crew::{live_all, revenue_histories};
pub use mutation::Mutation;
pub use orders::{Orders, Outcome, Step};
pub use revenue::{HistorySize, revenue_history};
pub use scene::Counts;
pub use stage::{Stage, Story};
