use async_trait::async_trait;

use super::StoreError;
use crate::{Drift, GatewayAccountId, StripeId, Timestamp, WorkspaceId};

/// Reads what reconciliation has mended.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait DriftReader: Send + Sync {
    /// Up to `limit` drifts of the workspace, latest first.
    async fn drifts(&self, workspace: &WorkspaceId, limit: u32) -> Result<Vec<Drift>, StoreError>;
}

/// What reconciliation mends, inside a transaction.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait DriftRepository: Send {
    /// Adds a drift.
    async fn insert_drift(&mut self, drift: &Drift) -> Result<(), StoreError>;

    /// Removes the drifts of an object that were found after a moment.
    async fn withdraw_drifts(
        &mut self,
        workspace: &WorkspaceId,
        account: &GatewayAccountId,
        object: &StripeId,
        since: Timestamp,
    ) -> Result<(), StoreError>;
}
