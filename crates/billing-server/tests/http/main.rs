//! The service as its users meet it: the real binary, a real database, HTTP.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

mod blockers;
mod bodies;
mod command_line;
mod documentation;
mod gate;
mod jwks;
mod operations;
mod outage;
mod tokens;

use std::process::ExitCode;

use billing_testing::{Service, Suite, TestDatabase};

const BINARY: &str = env!("CARGO_BIN_EXE_billing-server");

const STATUS: &str = "/v1/dashboard/billing/status";
const ENABLE: &str = "/v1/dashboard/billing/enable";
const DISABLE: &str = "/v1/dashboard/billing/disable";
const PREFLIGHT: &str = "/v1/dashboard/billing/disable/preflight";

const OFF: &str = r#"{"billingEnabled":false,"billingEnabledAt":null,"billingGateway":null}"#;

fn main() -> ExitCode {
    let suite = Suite::start();
    let suite = gate::cases(suite);
    let suite = blockers::cases(suite);
    let suite = tokens::cases(suite);
    let suite = jwks::cases(suite);
    let suite = bodies::cases(suite);
    let suite = outage::cases(suite);
    let suite = operations::cases(suite);
    let suite = command_line::cases(suite);
    documentation::cases(suite).run()
}

async fn service(database: &TestDatabase) -> Service {
    Service::start(BINARY, &database.url, database.folder.path()).await
}
