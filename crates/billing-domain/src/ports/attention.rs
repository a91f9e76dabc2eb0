use async_trait::async_trait;

use super::{Counted, Edge, Part, StoreError};
use crate::{AppId, Invoice, Subscription, SubscriptionId, WorkspaceId};

/// Reads the subscriptions that somebody has to look after: those that are past due, unpaid, incomplete or paused.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait AttentionReader: Send + Sync {
    /// Up to `limit` of them in an app, latest mirrored first.
    async fn unhealthy_subscriptions(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        edge: Edge<SubscriptionId>,
        limit: u32,
    ) -> Result<Part<Subscription>, StoreError>;

    /// The number of them, and of those that are newer than the subscription `than`.
    async fn count_unhealthy_subscriptions(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        than: Option<SubscriptionId>,
    ) -> Result<Counted, StoreError>;

    /// The final and unpaid invoices of these subscriptions of an app, in any order.
    async fn unpaid_invoices(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        subscriptions: &[SubscriptionId],
    ) -> Result<Vec<Invoice>, StoreError>;
}
