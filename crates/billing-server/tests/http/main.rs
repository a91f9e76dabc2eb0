//! The service as its users meet it: the real binary, a real database, HTTP.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

mod apps;
mod audit_log;
mod blockers;
mod bodies;
mod bounds;
mod bulkheads;
mod catalog_gate;
mod checkout_links;
mod command_line;
#[cfg(target_os = "linux")]
mod connections;
mod documentation;
mod features;
mod garbage;
mod gate;
mod idempotency;
mod isolation;
mod jwks;
mod lists;
mod log_output;
mod operations;
mod outage;
mod overview;
mod plan_changes;
mod plans;
mod poolers;
mod prices;
mod refunds;
mod sale_lists;
mod sales;
mod set_aside;
mod shop;
mod stop_at_start;
mod stripe_sandbox;
mod tokens;
mod trials;
mod walk;
mod webhooks;

use std::process::ExitCode;

use billing_testing::{Service, Suite, TestDatabase};

const BINARY: &str = env!("CARGO_BIN_EXE_billing-server");

const STATUS: &str = "/v1/dashboard/billing/status";
const ENABLE: &str = "/v1/dashboard/billing/enable";
const DISABLE: &str = "/v1/dashboard/billing/disable";
const PREFLIGHT: &str = "/v1/dashboard/billing/disable/preflight";

const APPS: &str = "/v1/dashboard/apps";

const OFF: &str = r#"{"billingEnabled":false,"billingEnabledAt":null,"billingGateway":null}"#;

fn main() -> ExitCode {
    let parts = [
        gate::cases,
        blockers::cases,
        bulkheads::cases,
        tokens::cases,
        jwks::cases,
        bodies::cases,
        bounds::cases,
        walk::cases,
        apps::cases,
        plans::cases,
        prices::cases,
        lists::cases,
        features::cases,
        catalog_gate::cases,
        checkout_links::cases,
        sale_lists::cases,
        sales::cases,
        trials::cases,
        plan_changes::cases,
        refunds::cases,
        overview::cases,
        webhooks::cases,
        audit_log::cases,
        idempotency::cases,
        isolation::cases,
        garbage::cases,
        outage::cases,
        poolers::cases,
        operations::cases,
        #[cfg(target_os = "linux")]
        connections::cases,
        command_line::cases,
        set_aside::cases,
        log_output::cases,
        stripe_sandbox::cases,
        documentation::cases,
    ];
    // Before the others: they are about the schema itself.
    let suite = stop_at_start::cases(Suite::start()).partitioned_too();
    parts.into_iter().fold(suite, |suite, add| add(suite)).run()
}

async fn service(database: &TestDatabase) -> Service {
    Service::start(BINARY, &database.url, database.folder.path()).await
}
