//! The gate and sales under many changes at once, and under `kill -9` in the middle of them.
//!
//! This binary is also the process that is killed: started with [`LOAD`] it changes one workspace from many tasks
//! until it is gone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

mod auditor;
mod concurrency;
mod deployment;
mod faults;
mod history;
mod kill;
mod ledger;
mod lives;
mod load;
mod many_customers;
mod mirror;
mod person;
mod races;
mod refunds;
mod shop;
mod stripe;
mod work;

use std::process::ExitCode;

use billing_testing::{Suite, setting};

/// Set to a database's URL in the process that is to be killed.
const LOAD: &str = "KL_TEST_LOAD_DATABASE_URL";
/// Set to the workspace that process changes.
const LOAD_WORKSPACE: &str = "KL_TEST_LOAD_WORKSPACE";

fn main() -> ExitCode {
    if let (Some(url), Some(workspace)) = (setting(LOAD), setting(LOAD_WORKSPACE)) {
        return load::run_until_killed(&url, &workspace);
    }
    let suite = Suite::start();
    let suite = concurrency::cases(suite);
    let suite = kill::cases(suite);
    let suite = many_customers::cases(suite);
    let suite = work::cases(suite);
    let suite = races::cases(suite);
    let suite = refunds::cases(suite);
    lives::cases(suite).run()
}
