use async_trait::async_trait;

use super::{AppReader, AuditLogReader, FeatureReader, PlanReader, SwitchReader, UnitOfWork, WorkReader};

/// The cause of a failure below a port, for the log.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The state of billing. It hands out its readers, whose reads take one round trip and no transaction; everything that
/// writes is a [`UnitOfWork`].
#[async_trait]
pub trait BillingStore: Send + Sync {
    /// The billing switches.
    fn switches(&self) -> &dyn SwitchReader;
    /// The apps.
    fn apps(&self) -> &dyn AppReader;
    /// The plans and their prices.
    fn plans(&self) -> &dyn PlanReader;
    /// The features.
    fn features(&self) -> &dyn FeatureReader;
    /// The audit log.
    fn audit_log(&self) -> &dyn AuditLogReader;
    /// The durable work of every workspace.
    fn work(&self) -> &dyn WorkReader;

    /// Passes when requests can be served: the database is reachable and has every migration this code needs.
    async fn readiness(&self) -> Result<(), StoreError>;

    /// Begins a transaction. Hold at most one at a time, and never across a call to another system.
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError>;
}

/// An error with every cause below it, in one line: what belongs in a log.
#[must_use]
pub fn error_chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        line = format!("{line}: {error}");
        cause = error.source();
    }
    line
}

/// Why a store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody else changed the same data first, or created the same thing. Nothing was written; load
    /// again and decide again.
    #[error("the data was changed by someone else in the meantime")]
    Conflict,
    /// The database cannot be reached or is too busy. If a commit failed this way its outcome is unknown;
    /// otherwise nothing was written. May be repeated later.
    #[error("the database is unavailable")]
    Unavailable(#[source] BoxError),
    /// A row holds a value this code cannot have written. Repeating does not help; an operator must look.
    #[error("corrupt row: {table}.{column} of {row} cannot be read")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The row's key.
        row: String,
    },
    /// Anything else: a bug here or in the schema.
    #[error("the database failed unexpectedly")]
    Unexpected(#[source] BoxError),
}
