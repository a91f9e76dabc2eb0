#![cfg_attr(feature = "mocks", allow(clippy::struct_field_names, reason = "a generated double has them"))]

use async_trait::async_trait;

use super::StoreError;
use crate::{GatewayAccountId, Timestamp, WorkspaceId};

/// Deletes what is needed no longer, a bounded number at a time, each time in a transaction of its own that locks no
/// workspace. Each method returns the number of rows that it deleted.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait Retention: Send + Sync {
    /// Deletes up to `limit` events of the workspace on the account that were received before `before`, oldest first.
    async fn forget_events(
        &self,
        workspace: &WorkspaceId,
        account: &GatewayAccountId,
        before: Timestamp,
        limit: u32,
    ) -> Result<u64, StoreError>;

    /// Deletes up to `limit` calls of the workspace on the account that were prepared before `before`, oldest first.
    ///
    /// Must keep a call of unknown outcome, the call that made the session of an intent that is not closed, and those
    /// that ended a payer's second subscription or paid it back: a later payment for it is given back once (invariant
    /// I2).
    async fn forget_calls(
        &self,
        workspace: &WorkspaceId,
        account: &GatewayAccountId,
        before: Timestamp,
        limit: u32,
    ) -> Result<u64, StoreError>;

    /// Deletes up to `limit` events without a workspace that were received before `before`, oldest first.
    async fn forget_unplaced_events(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError>;
}
