//! The dashboard's pages as a browser asks for them: the real binary, a real database, HTML and forms.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

mod audit_log;
mod browser;
mod forms;
mod isolation;
mod prices;
mod sentences;
mod sign_in;
mod unknown;

use std::process::ExitCode;

use billing_testing::Suite;

const BINARY: &str = env!("CARGO_BIN_EXE_billing-server");

fn main() -> ExitCode {
    let suite = Suite::start();
    let suite = sign_in::cases(suite);
    let suite = isolation::cases(suite);
    let suite = forms::cases(suite);
    let suite = prices::cases(suite);
    let suite = unknown::cases(suite);
    let suite = audit_log::cases(suite);
    sentences::cases(suite).run()
}
