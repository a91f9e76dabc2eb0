use async_trait::async_trait;

use super::{AppReader, CatalogReader, UnitOfWork};
use crate::{AuditEntry, AuditEntryId, BillingSwitch, Blockers, WorkspaceId};

/// The cause of a failure below a port, for the log.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Keeps the state of billing. Plain reads take one round trip and no transaction; everything that writes
/// is a [`UnitOfWork`].
#[async_trait]
pub trait BillingStore: AppReader + CatalogReader {
    /// The billing switch of a workspace; [`BillingSwitch::Disabled`] for one that was never seen.
    async fn billing_switch(&self, workspace: &WorkspaceId) -> Result<BillingSwitch, StoreError>;

    /// What blocks switching off at this moment, by what the store knows.
    async fn blockers(&self, workspace: &WorkspaceId) -> Result<Blockers, StoreError>;

    /// Up to `limit` workspaces that are closing, in order of their ids, behind `after`. One whose row is corrupt
    /// otherwise is listed like any other.
    async fn closing_workspaces(
        &self,
        after: Option<WorkspaceId>,
        limit: u32,
    ) -> Result<Vec<WorkspaceId>, StoreError>;

    /// Up to `limit` audit entries of the workspace, newest first, made before `before`.
    async fn audit_entries(
        &self,
        workspace: &WorkspaceId,
        before: Option<AuditEntryId>,
        limit: u32,
    ) -> Result<Vec<AuditEntry>, StoreError>;

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
