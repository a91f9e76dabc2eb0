use async_trait::async_trait;

use super::{AnsweredRequests, AppRepository, CatalogRepository, StoreError};
use crate::{
    AuditEntry, BillingSwitch, Blockers, CheckoutIntent, CheckoutIntentId, CheckoutIntentState, Subscription,
    Version, WorkspaceBilling, WorkspaceId, WorkspaceSubscription,
};

/// The billing switches.
#[async_trait]
pub trait SwitchRepository: Send {
    /// The workspace's switch, locked: until this transaction ends, no other gets past this call for the
    /// same workspace. A workspace that was never seen is [`BillingSwitch::Disabled`].
    ///
    /// Whatever changes the switch, and whatever makes somebody chargeable, calls this first. That is what
    /// keeps a checkout from slipping in while billing is being switched off.
    async fn lock_workspace(&mut self, workspace: &WorkspaceId) -> Result<WorkspaceBilling, StoreError>;

    /// Saves the switch and returns its new version.
    ///
    /// Must fail with [`StoreError::Conflict`] when the stored version is not `loaded`.
    async fn save_switch(
        &mut self,
        workspace: &WorkspaceId,
        loaded: Version,
        switch: &BillingSwitch,
    ) -> Result<Version, StoreError>;

    /// What blocks switching off, by what this transaction sees.
    async fn blockers(&mut self, workspace: &WorkspaceId) -> Result<Blockers, StoreError>;
}

/// The checkout intents.
#[async_trait]
pub trait CheckoutIntentRepository: Send {
    /// Adds an intent to a workspace that was [locked](SwitchRepository::lock_workspace) and admits checkouts.
    ///
    /// Must fail with [`StoreError::Conflict`] when its id or idempotency key is taken.
    async fn insert_checkout_intent(&mut self, intent: &CheckoutIntent) -> Result<(), StoreError>;

    /// Moves an intent to the state Stripe reported.
    ///
    /// Must fail with [`StoreError::Conflict`] when the intent is not in the state `from`, and with
    /// [`StoreError::Unexpected`] when [`CheckoutIntentState::advance`] forbids the step.
    async fn advance_checkout_intent(
        &mut self,
        workspace: &WorkspaceId,
        intent: CheckoutIntentId,
        from: CheckoutIntentState,
        to: CheckoutIntentState,
    ) -> Result<(), StoreError>;
}

/// The mirrors of Stripe's subscriptions.
#[async_trait]
pub trait SubscriptionRepository: Send {
    /// Adds the subscription to a workspace that was [locked](SwitchRepository::lock_workspace), or brings the mirror with the same Stripe id up to date. The mirror keeps its
    /// own id, app, environment, payer and gateway account: those never change.
    async fn save_subscription(&mut self, subscription: &Subscription) -> Result<(), StoreError>;

    /// Adds the workspace's own subscription, or brings the mirror with the same Stripe id up to date. The workspace
    /// was [locked](SwitchRepository::lock_workspace).
    async fn save_workspace_subscription(
        &mut self,
        subscription: &WorkspaceSubscription,
    ) -> Result<(), StoreError>;
}

/// The audit log.
#[async_trait]
pub trait AuditLog: Send {
    /// Adds a line. It becomes visible with the change it speaks of, or not at all.
    async fn append_audit_entry(&mut self, entry: &AuditEntry) -> Result<(), StoreError>;
}

/// One transaction. Dropping it undoes everything, as [`rollback`](Self::rollback) does; an expected refusal
/// calls `rollback`, which is cheaper.
#[async_trait]
pub trait UnitOfWork:
    SwitchRepository
    + AppRepository
    + CatalogRepository
    + CheckoutIntentRepository
    + SubscriptionRepository
    + AnsweredRequests
    + AuditLog
{
    /// Makes everything durable and visible at once. On [`StoreError::Unavailable`] the outcome is
    /// unknown.
    async fn commit(self: Box<Self>) -> Result<(), StoreError>;

    /// Undoes everything and releases the locks.
    async fn rollback(self: Box<Self>) -> Result<(), StoreError>;
}
