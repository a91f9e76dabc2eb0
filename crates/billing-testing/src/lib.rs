//! The shared code of the test suites. Never a dependency of the product.
#![allow(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot be set up fails by panicking, with the reason"
)]

pub mod builders;
mod database;
mod document;
mod example;
mod ids;
mod operation;
mod partitions;
mod pgbouncer;
mod postgres;
mod service;
mod suite;
mod tenant;
pub mod tokens;

pub use database::TestDatabase;
pub use document::taken_by;
pub use example::example_body;
pub use ids::{Ids, names};
pub use operation::{Operation, dashboard_operations, operations};
pub use partitions::{DIRECTORIES, Explained};
pub use pgbouncer::PgBouncer;
pub use postgres::PostgresCluster;
pub use service::{Answer, MANAGED_KEY, Service, plain_client};
pub use suite::{Suite, setting};
pub use tenant::{Tenant, first_id, seen};
