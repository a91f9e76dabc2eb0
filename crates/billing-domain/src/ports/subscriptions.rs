use std::collections::HashMap;

use async_trait::async_trait;

use super::{Counted, Edge, Part, PayerSearch, StoreError};
use crate::{
    AppId, EnvironmentId, GatewayAccountId, Payer, PlanId, StripeId, StripeSubscriptionId, Subscription,
    SubscriptionId, SubscriptionStatus, Timestamp, WorkspaceId, WorkspaceSubscription,
};

/// The subscriptions of a list. An index finds those of each combination of status, plan and environment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SubscriptionFilter {
    /// Subscriptions of this status.
    pub status: Option<SubscriptionStatus>,
    /// Subscriptions that are live and to end ([`Subscription::is_ending`]).
    pub is_ending: bool,
    /// Subscriptions to this plan.
    pub plan_id: Option<PlanId>,
    /// Subscriptions of this environment.
    pub environment_id: Option<EnvironmentId>,
    /// Subscriptions of these payers.
    pub payer: Option<PayerSearch>,
}

impl SubscriptionFilter {
    /// Whether they may have to be looked at one by one.
    #[must_use]
    pub fn is_scan(&self) -> bool {
        matches!(self.payer, Some(PayerSearch::Begins(_)))
    }

    /// Whether the number of these subscriptions is [kept](SubscriptionCounts).
    #[must_use]
    pub fn is_counted(&self) -> bool {
        self.plan_id.is_none() && self.payer.is_none()
    }
}

/// The numbers of an app's subscriptions, in one environment or in all. They are exact, and cost the same for any number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SubscriptionCounts {
    /// By status; a status that no subscription has may be absent.
    pub by_status: HashMap<SubscriptionStatus, EndingCount>,
}

/// The numbers of the subscriptions of one status.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EndingCount {
    /// All of them.
    pub total: u64,
    /// Those that are live and to end.
    pub ending: u64,
}

impl SubscriptionCounts {
    /// The number of the subscriptions that the filter's status and end let through.
    #[must_use]
    pub fn of(&self, status: Option<&SubscriptionStatus>, is_ending: bool) -> u64 {
        let counted = self.by_status.iter().filter(|(known, _)| status.is_none_or(|status| *known == status));
        counted.map(|(_, count)| if is_ending { count.ending } else { count.total }).sum()
    }
}

/// A live subscription of a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveSubscription {
    /// Our id.
    pub id: SubscriptionId,
    /// The account that charges.
    pub account: GatewayAccountId,
    /// Stripe's id.
    pub stripe_id: StripeId,
}

/// Reads the mirrored subscriptions of an app.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait SubscriptionReader: Send + Sync {
    /// Up to `limit` subscriptions, newest first.
    async fn subscriptions(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        filter: &SubscriptionFilter,
        edge: Edge<SubscriptionId>,
        limit: u32,
    ) -> Result<Part<Subscription>, StoreError>;

    /// The number of these subscriptions, and of those that are newer than the subscription `than`.
    async fn count_subscriptions(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        filter: &SubscriptionFilter,
        than: Option<SubscriptionId>,
    ) -> Result<Counted, StoreError>;

    /// The numbers of the app's subscriptions by status, in the environment or in all.
    async fn subscription_counts(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        environment: Option<EnvironmentId>,
    ) -> Result<SubscriptionCounts, StoreError>;

    /// The live subscriptions of the payer in the app, oldest first. More than one breaks invariant I2.
    async fn live_subscriptions_of(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        payer: &Payer,
    ) -> Result<Vec<Subscription>, StoreError>;

    /// The moment of the payer's one trial in the app, if there was one.
    async fn trial_of(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        payer: &Payer,
    ) -> Result<Option<Timestamp>, StoreError>;

    /// One subscription.
    async fn subscription(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        subscription: SubscriptionId,
    ) -> Result<Option<Subscription>, StoreError>;

    /// Up to `limit` live subscriptions of the workspace, in all apps, by our id after `after`.
    async fn live_subscriptions(
        &self,
        workspace: &WorkspaceId,
        after: Option<SubscriptionId>,
        limit: u32,
    ) -> Result<Vec<LiveSubscription>, StoreError>;
}

/// The mirrored subscriptions inside a transaction, of a workspace that is
/// [locked](super::SwitchRepository::lock_workspace).
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait SubscriptionRepository: Send {
    /// One subscription of an app.
    async fn subscription_to_change(
        &mut self,
        workspace: &WorkspaceId,
        app: &AppId,
        subscription: SubscriptionId,
    ) -> Result<Option<Subscription>, StoreError>;

    /// The mirror of Stripe's subscription on an account.
    async fn mirrored_subscription(
        &mut self,
        workspace: &WorkspaceId,
        account: &GatewayAccountId,
        stripe_id: &StripeSubscriptionId,
    ) -> Result<Option<Subscription>, StoreError>;

    /// The live subscriptions of the payer in the app, oldest first. More than one breaks invariant I2.
    async fn live_subscriptions_of(
        &mut self,
        workspace: &WorkspaceId,
        app: &AppId,
        payer: &Payer,
    ) -> Result<Vec<Subscription>, StoreError>;

    /// Adds the subscription, or updates the mirror of the same Stripe id on the same account. Its own id, app,
    /// environment, payer, customer and account never change.
    async fn save_subscription(&mut self, subscription: &Subscription) -> Result<(), StoreError>;

    /// Counts the workspace's subscriptions anew, whatever the kept numbers are.
    async fn count_subscriptions_anew(&mut self, workspace: &WorkspaceId) -> Result<(), StoreError>;

    /// The mirror of the workspace's own subscription on an account.
    async fn workspace_subscription(
        &mut self,
        workspace: &WorkspaceId,
        account: &GatewayAccountId,
        stripe_id: &StripeSubscriptionId,
    ) -> Result<Option<WorkspaceSubscription>, StoreError>;

    /// Adds the workspace's own subscription, or updates the mirror of the same Stripe id on the same account.
    async fn save_workspace_subscription(
        &mut self,
        subscription: &WorkspaceSubscription,
    ) -> Result<(), StoreError>;

    /// Whether the payer ever had a trial in the app.
    async fn had_trial(
        &mut self,
        workspace: &WorkspaceId,
        app: &AppId,
        payer: &Payer,
    ) -> Result<bool, StoreError>;

    /// Records that the payer has had the one trial of the app. May be repeated; the first moment stays.
    async fn record_trial(
        &mut self,
        workspace: &WorkspaceId,
        app: &AppId,
        payer: &Payer,
        at: Timestamp,
    ) -> Result<(), StoreError>;
}
