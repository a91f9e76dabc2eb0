#![cfg_attr(feature = "mocks", allow(clippy::struct_field_names, reason = "a generated double has them"))]

use async_trait::async_trait;

use super::StoreError;
use crate::{GatewayAccountId, Timestamp, WorkspaceId};

/// Retention: deletes expired rows, a bounded number at a time, each time in a transaction of its own that locks no
/// workspace. Each deletion returns its number of rows.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait Retention: Send + Sync {
    /// Up to `limit` pairs of a workspace and the account on which it pays the platform after `after`, in order. A workspace
    /// need not use that account: [`GatewayLinkReader::workspaces_with_accounts`] may lack the pair.
    ///
    /// [`GatewayLinkReader::workspaces_with_accounts`]: super::GatewayLinkReader::workspaces_with_accounts
    async fn paying_workspaces(
        &self,
        after: Option<(WorkspaceId, GatewayAccountId)>,
        limit: u32,
    ) -> Result<Vec<(WorkspaceId, GatewayAccountId)>, StoreError>;

    /// Deletes up to `limit` events of the workspace on the account that were received before `before`, oldest first.
    async fn delete_expired_events(
        &self,
        workspace: &WorkspaceId,
        account: &GatewayAccountId,
        before: Timestamp,
        limit: u32,
    ) -> Result<u64, StoreError>;

    /// Deletes up to `limit` of the oldest drifts of an account that were found before a moment. Returns their number.
    async fn delete_expired_drifts(
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
    async fn delete_expired_calls(
        &self,
        workspace: &WorkspaceId,
        account: &GatewayAccountId,
        before: Timestamp,
        limit: u32,
    ) -> Result<u64, StoreError>;

    /// Deletes up to `limit` events without a workspace that were received before `before`, oldest first.
    async fn delete_expired_unplaced_events(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError>;
}
