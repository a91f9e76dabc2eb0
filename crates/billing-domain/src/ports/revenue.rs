use async_trait::async_trait;

use super::StoreError;
use crate::{
    AppId, EnvironmentId, RevenueHistory, RevenueTotal, Subscription, SubscriptionId, Timestamp, WorkspaceId,
};

/// Reads the figures of revenue. Nothing is summed up over subscriptions: what is read was kept with each change.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait RevenueReader: Send + Sync {
    /// The totals of every month up to that of `now`, oldest first; of the present month up to the day of `now`.
    async fn revenue_totals(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        environment: &EnvironmentId,
        now: Timestamp,
    ) -> Result<Vec<RevenueTotal>, StoreError>;
}

/// The facts of revenue inside a transaction, of a workspace that is
/// [locked](super::SwitchRepository::lock_workspace).
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait RevenueRepository: Send {
    /// The changes of a subscription.
    async fn revenue_history(
        &mut self,
        workspace: &WorkspaceId,
        subscription: SubscriptionId,
    ) -> Result<RevenueHistory, StoreError>;

    /// Replaces the changes of a subscription, which are those of `before`, and brings the totals up to date.
    async fn save_revenue_history(
        &mut self,
        subscription: &Subscription,
        before: &RevenueHistory,
        after: &RevenueHistory,
    ) -> Result<(), StoreError>;

    /// Makes the totals of the workspace anew from the changes, and the kept numbers of its subscriptions and invoices from
    /// their mirrors.
    async fn rebuild_revenue(&mut self, workspace: &WorkspaceId) -> Result<(), StoreError>;
}
