use async_trait::async_trait;

use super::{Counted, Edge, Part, StoreError};
use crate::{AppId, AuditEntry, AuditEntryId, AuditRecord, DashboardUserId, SubscriptionId, WorkspaceId};

/// Which records of an audit log are listed: all of them by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Only changes of this app and its catalog. Entries of earlier versions may lack their app and are not found.
    pub app: Option<AppId>,
    /// Only changes by this person.
    pub person: Option<DashboardUserId>,
    /// Only what concerns this subscription: its own changes, those of its invoices, and calls to Stripe.
    pub subscription: Option<SubscriptionId>,
}

/// Reads the audit log.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait AuditLogReader: Send + Sync {
    /// Up to `limit` records of the workspace that pass the filter, the last committed first; `None` if the workspace
    /// has no entry at the edge. That entry need not pass the filter.
    async fn audit_records(
        &self,
        workspace: &WorkspaceId,
        filter: &AuditFilter,
        edge: Edge<AuditEntryId>,
        limit: u32,
    ) -> Result<Option<Part<AuditRecord>>, StoreError>;

    /// The numbers of such records: of all, and of those that are newer than `than`; `None` as above.
    async fn count_audit_records(
        &self,
        workspace: &WorkspaceId,
        filter: &AuditFilter,
        than: Option<AuditEntryId>,
    ) -> Result<Option<Counted>, StoreError>;
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
