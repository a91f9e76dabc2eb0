use async_trait::async_trait;

use super::StoreError;
use crate::{AuditEntry, AuditEntryId, AuditRecord, WorkspaceId};

/// Reads the audit log.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait AuditLogReader: Send + Sync {
    /// Up to `limit` records of the workspace, the last committed first, written before `before`; `None` if the
    /// workspace has no entry `before`.
    async fn audit_records(
        &self,
        workspace: &WorkspaceId,
        before: Option<AuditEntryId>,
        limit: u32,
    ) -> Result<Option<Vec<AuditRecord>>, StoreError>;
}

/// The audit log inside a transaction.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait AuditLog: Send {
    /// Adds an entry, committed with the change it describes. The workspace must be locked by this unit of work: an
    /// entry is numbered under that lock, so that the order of entries is the order of commits, whatever the clocks
    /// of replicas say.
    async fn append_audit_entry(&mut self, entry: &AuditEntry) -> Result<(), StoreError>;
}
