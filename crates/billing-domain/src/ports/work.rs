use async_trait::async_trait;

use super::StoreError;
use crate::{
    Claim, Completion, GatewayAccountId, Timestamp, WorkId, WorkKind, WorkPriority, WorkSetAside, WorkspaceId,
};

/// Rows of work that can be claimed: due at `now`, or at `horizon` if never claimed; not leased, not set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueFilter {
    /// The rows of this priority.
    pub priority: WorkPriority,
    /// The present moment.
    pub now: Timestamp,
    /// The moment until which rows count as due that were never claimed.
    pub horizon: Timestamp,
    /// Without the [rows of this account](WorkKind::is_of_account).
    pub except: Option<GatewayAccountId>,
}

/// Work that was set aside. Each condition that is not given holds for all of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SetAsideFilter {
    /// The work of this workspace.
    pub workspace_id: Option<WorkspaceId>,
    /// The work of this kind.
    pub kind: Option<WorkKind>,
    /// The work with this key.
    pub key: Option<String>,
}

/// Reads the rows of work of every workspace.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait WorkReader: Send + Sync {
    /// Up to `limit` of these rows, longest due first. Rows of an unknown kind are left to the version that knows it.
    async fn due_work(&self, filter: &DueFilter, limit: u32) -> Result<Vec<WorkId>, StoreError>;

    /// Up to `limit` of these rows that were set aside, latest first, and their total number.
    async fn work_set_aside(
        &self,
        filter: &SetAsideFilter,
        limit: u32,
    ) -> Result<(Vec<WorkSetAside>, u64), StoreError>;
}

/// The rows of work inside a transaction. [`ensure`](Self::ensure) and [`cancel`](Self::cancel) need the workspace
/// [locked](super::SwitchRepository::lock_workspace). A transaction that schedules several rows does so in the order of
/// their keys, as [`EventInbox::accept`](super::EventInbox::accept) does without that lock: otherwise the two may end in a
/// deadlock, which is a [`StoreError::Conflict`].
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait WorkRepository: Send {
    /// Adds a row due at `due_at`, in the foreground. An existing row is marked, is due no later than that, is in the
    /// foreground from then on, and is no longer set aside; the mark is not lost whatever other transactions do with the
    /// row.
    async fn schedule(&mut self, id: &WorkId, due_at: Timestamp) -> Result<(), StoreError>;

    /// [Schedules](Self::schedule) rows of one kind with these keys, all of them different, in this order: few statements,
    /// however many rows. In the background, an existing row keeps its priority.
    async fn schedule_all(
        &mut self,
        workspace: &WorkspaceId,
        kind: WorkKind,
        keys: &[String],
        priority: WorkPriority,
        due_at: Timestamp,
    ) -> Result<(), StoreError>;

    /// Adds a row that is due at `due_at`, in the foreground, unless there is one; one that was set aside is tried again,
    /// with its priority. Returns whether it changed anything.
    async fn ensure(&mut self, id: &WorkId, due_at: Timestamp) -> Result<bool, StoreError>;

    /// The keys of the workspace's rows of a kind that were set aside, in order.
    async fn keys_set_aside(
        &mut self,
        workspace: &WorkspaceId,
        kind: WorkKind,
    ) -> Result<Vec<String>, StoreError>;

    /// The row, if it was set aside.
    async fn row_set_aside(&mut self, id: &WorkId) -> Result<Option<WorkSetAside>, StoreError>;

    /// Removes the row, even if claimed.
    async fn cancel(&mut self, id: &WorkId) -> Result<(), StoreError>;

    /// Claims a [claimable](DueFilter) row until `until`; `None` if it is not claimable.
    async fn claim(
        &mut self,
        id: &WorkId,
        lease: &str,
        now: Timestamp,
        horizon: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Claim>, StoreError>;

    /// Extends the lease of a claim until `until`. Returns whether the claim is still held.
    async fn renew(&mut self, claim: &Claim, until: Timestamp) -> Result<bool, StoreError>;

    /// Ends a claim whose work is done. The row stays unclaimable until the transaction ends.
    async fn complete(&mut self, claim: &Claim, now: Timestamp) -> Result<Completion, StoreError>;

    /// Ends a claim whose work failed; the row is due again at `due_at`. [`Completion::Done`] when the claim was held.
    async fn postpone(
        &mut self,
        claim: &Claim,
        due_at: Timestamp,
        reason: &str,
    ) -> Result<Completion, StoreError>;

    /// Ends a claim whose work failed too often. When more has arrived meanwhile the row is due now instead.
    async fn set_aside(
        &mut self,
        claim: &Claim,
        now: Timestamp,
        reason: &str,
    ) -> Result<Completion, StoreError>;
}
