//! What every billing store must do, run against each database.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

mod audit_log;
mod blockers;
mod checkout_intents;
mod migrations;
mod raw;
mod story;
mod switches;
mod transactions;

use std::process::ExitCode;

use billing_testing::Suite;

fn main() -> ExitCode {
    let suite = Suite::start();
    let suite = switches::cases(suite);
    let suite = transactions::cases(suite);
    let suite = checkout_intents::cases(suite);
    let suite = blockers::cases(suite);
    let suite = audit_log::cases(suite);
    migrations::cases(suite).run()
}
