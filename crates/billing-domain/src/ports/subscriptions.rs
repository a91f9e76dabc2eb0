use async_trait::async_trait;

use super::StoreError;
use crate::{Subscription, WorkspaceSubscription};

/// The mirrored subscriptions inside a transaction, of a workspace that is
/// [locked](super::SwitchRepository::lock_workspace).
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait SubscriptionRepository: Send {
    /// Adds the subscription, or updates the mirror with the same Stripe id. Its own id, app, environment, payer and
    /// gateway account never change.
    async fn save_subscription(&mut self, subscription: &Subscription) -> Result<(), StoreError>;

    /// Adds the workspace's own subscription, or updates the mirror with the same Stripe id.
    async fn save_workspace_subscription(
        &mut self,
        subscription: &WorkspaceSubscription,
    ) -> Result<(), StoreError>;
}
