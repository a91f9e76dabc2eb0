//! The store of billing in Postgres or SQLite.
//!
//! The queries in `queries/` are written once, in plain Diesel against names of their parent module, and mounted
//! twice: under [`mod@postgres`] and [`mod@sqlite`]. Each copy is type-checked for its backend. The two `dialect`
//! modules hold the differences: connection, column types, begin of a write transaction, row lock.

#![allow(
    clippy::duplicate_mod,
    reason = "`queries` is mounted once per database so that each copy is checked for its own backend"
)]

mod bulkhead;
mod catalogs;
mod error;
mod gate;
mod migrations;
mod postgres;
mod row;
mod sqlite;
mod url;

use std::path::Path;
use std::sync::Arc;

use billing_domain::ports::BillingStore;

pub use catalogs::Catalogs;
pub use error::ConnectError;
pub use gate::{ConnectionUse, Gate, Statement};
pub use url::DatabaseUrl;

/// Migrates the database's schema. May be repeated and run concurrently: one process migrates, the others wait.
///
/// # Errors
/// [`ConnectError`] when the database is unreachable or a migration fails; then none was applied.
pub async fn migrate(url: &DatabaseUrl) -> Result<(), ConnectError> {
    migrate_in_steps(url, |_| {}).await
}

/// The step that a migration is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MigrationStep {
    /// The database has not answered yet.
    Connecting,
    /// Another process may hold the lock of the migrations.
    WaitingForLock,
    /// The pending migrations run, in one transaction.
    Migrating,
    /// The tables are distributed, each in a transaction of its own.
    Distributing,
}

/// [`migrate`], calling `at` before each step.
///
/// # Errors
/// As [`migrate`].
pub async fn migrate_in_steps(
    url: &DatabaseUrl,
    at: impl Fn(MigrationStep) + Send + Sync + 'static,
) -> Result<(), ConnectError> {
    match url {
        DatabaseUrl::Postgres(config) => postgres::migrate(config, at).await,
        DatabaseUrl::Sqlite(path) => sqlite::migrate(path, at).await,
    }
}

/// The outcome of [`scale_out`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScaleOut {
    /// The Postgres server does not have the extension Citus; no table was distributed.
    NoCitus,
    /// These tables were distributed; the others had been before.
    Distributed(Vec<&'static str>),
}

/// Migrates the schema, and distributes the tables over the nodes of a Citus cluster by workspace. May be repeated: it
/// goes on where an earlier run ended. Calls `at` before each step. From then on [`migrate`] distributes the tables that it adds.
///
/// # Errors
/// [`ConnectError`] when the database is unreachable or is SQLite, or when a migration fails or a table cannot be
/// distributed; the tables before it stay distributed.
pub async fn scale_out(
    url: &DatabaseUrl,
    at: impl Fn(MigrationStep) + Send + Sync,
) -> Result<ScaleOut, ConnectError> {
    match url {
        DatabaseUrl::Postgres(config) => postgres::scale_out(config, at).await,
        DatabaseUrl::Sqlite(_) => Err(ConnectError::OneMachine),
    }
}

/// Opens the store of this database. Connects on first use, so it succeeds while the database is down.
///
/// # Errors
/// [`ConnectError`] when the database can never be reached with this URL.
pub fn open(url: &DatabaseUrl) -> Result<Arc<dyn BillingStore>, ConnectError> {
    open_sharing(url, &Catalogs::default())
}

/// [`open`], with catalogs in memory that other stores of this database share.
///
/// # Errors
/// As [`open`].
pub fn open_sharing(url: &DatabaseUrl, catalogs: &Catalogs) -> Result<Arc<dyn BillingStore>, ConnectError> {
    let catalogs = catalogs.clone();
    Ok(match url {
        DatabaseUrl::Postgres(config) => Arc::new(postgres::open(config, catalogs)?),
        DatabaseUrl::Sqlite(path) => Arc::new(sqlite::open(path, catalogs)?),
    })
}

/// Opens a SQLite file for a simulation: every statement runs on the thread that asks for it, between the calls of a gate
/// that is made for its connection. Never waits for the lock of another connection, which is the gates' business.
///
/// # Errors
/// As [`open`].
pub fn open_gated(
    path: &Path,
    gate: impl Fn(ConnectionUse) -> Arc<dyn Gate> + Send + Sync + 'static,
) -> Result<Arc<dyn BillingStore>, ConnectError> {
    let gates: sqlite::Gates = Arc::new(gate);
    Ok(Arc::new(sqlite::open_gated(path, &gates)?))
}
