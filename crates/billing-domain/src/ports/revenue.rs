use async_trait::async_trait;

use super::StoreError;
use crate::{
    AppId, EnvironmentId, RevenueHistory, RevenueTotal, Subscription, SubscriptionCounts, SubscriptionId,
    Timestamp, WorkspaceId,
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

    /// The numbers of subscriptions.
    async fn subscription_counts(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        environment: &EnvironmentId,
    ) -> Result<SubscriptionCounts, StoreError>;
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

    /// Counts a subscription in its state.
    async fn count_subscription(&mut self, subscription: &Subscription) -> Result<(), StoreError>;

    /// Counts a subscription no longer in the state that it had.
    async fn uncount_subscription(&mut self, subscription: &Subscription) -> Result<(), StoreError>;

    /// Makes the totals and the counts of the workspace anew from the changes and the mirrors of its subscriptions.
    async fn rebuild_revenue(&mut self, workspace: &WorkspaceId) -> Result<(), StoreError>;
}
