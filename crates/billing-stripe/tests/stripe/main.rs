//! The adapter against the sandbox over HTTP.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

mod accounts;
mod calls;
mod chargeable;
mod faults;
mod many_customers;
mod modes;
mod objects_of_calls;
mod plan_changes;
mod portal;
mod reads;
mod shop;
mod trials;
mod webhooks;
