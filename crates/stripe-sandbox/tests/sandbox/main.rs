//! The sandbox as its clients meet it: over HTTP, and nothing else.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

mod async_stripe;
mod bank_debits;
mod billing_mode;
mod cancel_at;
mod chaos;
mod checkout;
mod client;
mod collection;
mod credit_notes;
mod discounted;
mod disputes;
mod dunning;
mod endings;
mod faults;
mod finalized;
mod fuzz;
mod idempotency;
mod impossible_values;
mod intents;
mod invoice_periods;
mod item_changes;
mod kill;
mod moving_clocks;
mod pages;
mod part_periods;
mod pauses;
mod portal;
mod previews;
mod program;
mod prorations;
mod receiver;
mod schedules;
mod sent_invoices;
mod shop;
mod signature;
mod state;
mod state_files;
mod subscriber;
mod test_clocks;
mod three_decimals;
mod upcoming;
mod webhooks;
mod wire;
mod year;

use stripe_sandbox::{Options, Sandbox};

/// 1 January 2026, 00:00 UTC.
const NEW_YEAR: i64 = 1_767_225_600;

/// A sandbox in memory whose clock moves only when it is told to.
async fn sandbox() -> Sandbox {
    Sandbox::start(Options::in_memory().seed(7).clock_at(NEW_YEAR)).await.unwrap()
}
