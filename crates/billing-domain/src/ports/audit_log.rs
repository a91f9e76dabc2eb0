use async_trait::async_trait;

use super::StoreError;
use crate::{AuditEntry, AuditEntryId, AuditRecord, WorkspaceId};

/// Reads the audit log.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait AuditLogReader: Send + Sync {
    /// Up to `limit` records of the workspace, newest first, written before `before`.
    async fn audit_records(
        &self,
        workspace: &WorkspaceId,
        before: Option<AuditEntryId>,
        limit: u32,
    ) -> Result<Vec<AuditRecord>, StoreError>;
}

/// The audit log inside a transaction.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait AuditLog: Send {
    /// Adds a line, committed with the change it describes.
    async fn append_audit_entry(&mut self, entry: &AuditEntry) -> Result<(), StoreError>;
}
