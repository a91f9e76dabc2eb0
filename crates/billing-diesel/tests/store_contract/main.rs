//! The duties of every billing store, run against each database.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

mod account_modes;
mod answered_requests;
mod apps;
mod attention;
mod audit_log;
mod audit_log_lists;
mod blockers;
mod catalog_features;
mod catalog_plans;
mod catalog_prices;
mod catalog_tenants;
mod catalogs;
mod checkout_intents;
mod event_places;
mod event_races;
mod events;
mod failures;
mod gateway_calls;
mod gateway_links;
mod golden;
mod golden_sales;
mod invoices;
mod lists;
mod migrations;
mod poolers;
mod raw;
mod retention;
mod revenue;
mod sale_counts;
mod sale_lists;
mod scale_out;
mod sharding;
mod story;
mod subscriptions;
mod switches;
mod transactions;
mod work;
mod work_priority;
mod workspace_subscriptions;

use std::process::ExitCode;

use billing_testing::Suite;

fn main() -> ExitCode {
    let suite = Suite::start().partitioned_too();
    let suite = switches::cases(suite);
    let suite = transactions::cases(suite);
    let suite = checkout_intents::cases(suite);
    let suite = blockers::cases(suite);
    let suite = subscriptions::cases(suite);
    let suite = revenue::cases(suite);
    let suite = invoices::cases(suite);
    let suite = sale_lists::cases(suite);
    let suite = sale_counts::cases(suite);
    let suite = gateway_calls::cases(suite);
    let suite = gateway_links::cases(suite);
    let suite = account_modes::cases(suite);
    let suite = events::cases(suite);
    let suite = event_places::cases(suite);
    let suite = event_races::cases(suite);
    let suite = retention::cases(suite);
    let suite = workspace_subscriptions::cases(suite);
    let suite = apps::cases(suite);
    let suite = catalog_plans::cases(suite);
    let suite = catalog_prices::cases(suite);
    let suite = catalog_features::cases(suite);
    let suite = catalog_tenants::cases(suite);
    let suite = catalogs::cases(suite);
    let suite = lists::cases(suite);
    let suite = answered_requests::cases(suite);
    let suite = audit_log::cases(suite);
    let suite = audit_log_lists::cases(suite);
    let suite = attention::cases(suite);
    let suite = work::cases(suite);
    let suite = work_priority::cases(suite);
    let suite = sharding::cases_of_partitions(suite);
    // These make the schema themselves.
    let suite = suite.plain_only();
    let suite = failures::cases(suite);
    let suite = attention::cases_of_migrations(suite);
    let suite = poolers::cases(suite);
    let suite = sharding::cases(suite);
    let suite = scale_out::cases(suite);
    let suite = golden::cases(suite);
    let suite = golden_sales::cases(suite);
    let suite = sale_counts::cases_of_migrations(suite);
    migrations::cases(suite).run()
}
