use async_trait::async_trait;

use super::StoreError;
use crate::{Claim, Completion, Timestamp, WorkId, WorkSetAside};

/// Reads the rows of work of every workspace.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait WorkReader: Send + Sync {
    /// Up to `limit` rows that can be claimed at `now`, those due longest first: due at `now`, or at `horizon` when they
    /// were never claimed; not leased and not set aside. Rows of a kind this version does not know are left to the version that does.
    async fn due_work(
        &self,
        now: Timestamp,
        horizon: Timestamp,
        limit: u32,
    ) -> Result<Vec<WorkId>, StoreError>;

    /// Up to `limit` rows that were set aside, the latest first, and the number of all.
    async fn work_set_aside(&self, limit: u32) -> Result<(Vec<WorkSetAside>, u64), StoreError>;
}

/// The rows of work inside a transaction. [`schedule`](Self::schedule), [`ensure`](Self::ensure) and
/// [`cancel`](Self::cancel) need the workspace [locked](super::SwitchRepository::lock_workspace).
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait WorkRepository: Send {
    /// Adds a row that is due at `due_at`. A row that exists is marked, and due no later than that; one that was set
    /// aside is tried again.
    async fn schedule(&mut self, id: &WorkId, due_at: Timestamp) -> Result<(), StoreError>;

    /// Adds a row that is due at `due_at`, unless there is one.
    async fn ensure(&mut self, id: &WorkId, due_at: Timestamp) -> Result<(), StoreError>;

    /// Removes the row, whoever has claimed it.
    async fn cancel(&mut self, id: &WorkId) -> Result<(), StoreError>;

    /// Claims a row that [can be claimed](WorkReader::due_work), until `until`. `None` when it cannot (any more).
    async fn claim(
        &mut self,
        id: &WorkId,
        lease: &str,
        now: Timestamp,
        horizon: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Claim>, StoreError>;

    /// Ends a claim whose work is done. Nobody else can claim the row until this transaction ends.
    async fn complete(&mut self, claim: &Claim, now: Timestamp) -> Result<Completion, StoreError>;

    /// Ends a claim whose work failed; the row is due again at `due_at`.
    async fn postpone(&mut self, claim: &Claim, due_at: Timestamp, reason: &str) -> Result<(), StoreError>;

    /// Ends a claim whose work failed too often. When more has arrived meanwhile the row is due now instead.
    async fn set_aside(&mut self, claim: &Claim, now: Timestamp, reason: &str) -> Result<(), StoreError>;
}
