//! Keeps the state of billing in Postgres or SQLite.
//!
//! The queries in `queries/` are written once, as plain Diesel against names their parent module defines, and
//! mounted twice: under [`mod@postgres`] and under [`mod@sqlite`]. Each copy is type-checked for its own
//! backend. What differs is in the two `dialect` modules: the connection, the column types, how a write
//! transaction begins and how a row is locked.

#![allow(
    clippy::duplicate_mod,
    reason = "`queries` is mounted once per database so that each copy is checked for its own backend"
)]

mod error;
mod migrations;
mod postgres;
mod row;
mod sqlite;
mod url;

use std::sync::Arc;

use billing_domain::ports::BillingStore;

pub use error::ConnectError;
pub use url::DatabaseUrl;

/// Brings the database's schema up to date. May be repeated and run by several processes at once: one migrates
/// and the others wait.
///
/// # Errors
/// [`ConnectError`] when the database cannot be reached or a migration fails, in which case none was applied.
pub async fn migrate(url: &DatabaseUrl) -> Result<(), ConnectError> {
    match url {
        DatabaseUrl::Postgres(config) => postgres::migrate(config).await,
        DatabaseUrl::Sqlite(path) => sqlite::migrate(path).await,
    }
}

/// The store over this database. Connections are made when they are first needed, so this succeeds while the
/// database is down.
///
/// # Errors
/// [`ConnectError`] when the database could never be reached this way.
pub fn open(url: &DatabaseUrl) -> Result<Arc<dyn BillingStore>, ConnectError> {
    Ok(match url {
        DatabaseUrl::Postgres(config) => Arc::new(postgres::open(config)?),
        DatabaseUrl::Sqlite(path) => Arc::new(sqlite::open(path)?),
    })
}
