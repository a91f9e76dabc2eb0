use async_trait::async_trait;

use super::StoreError;
use crate::{
    AppId, CheckoutIntent, CheckoutIntentId, CheckoutIntentState, OpenedSession, Payer, WorkspaceId,
};

/// Reads the checkout intents.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait CheckoutIntentReader: Send + Sync {
    /// One intent.
    async fn checkout_intent(
        &self,
        workspace: &WorkspaceId,
        intent: CheckoutIntentId,
    ) -> Result<Option<CheckoutIntent>, StoreError>;

    /// Up to `limit` intents that are not [closed](CheckoutIntentState::is_closed), oldest first.
    async fn unclosed_checkout_intents(
        &self,
        workspace: &WorkspaceId,
        after: Option<CheckoutIntentId>,
        limit: u32,
    ) -> Result<Vec<CheckoutIntent>, StoreError>;
}

/// The checkout intents inside a transaction, of a workspace that is
/// [locked](super::SwitchRepository::lock_workspace).
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait CheckoutIntentRepository: Send {
    /// One intent.
    async fn checkout_intent_to_change(
        &mut self,
        workspace: &WorkspaceId,
        intent: CheckoutIntentId,
    ) -> Result<Option<CheckoutIntent>, StoreError>;

    /// The intent of the payer in the app that is not [closed](CheckoutIntentState::is_closed).
    async fn unclosed_intent_of(
        &mut self,
        workspace: &WorkspaceId,
        app: &AppId,
        payer: &Payer,
    ) -> Result<Option<CheckoutIntent>, StoreError>;

    /// Adds an intent to a workspace that admits checkouts.
    ///
    /// Must fail with [`StoreError::Conflict`] when its id is taken, or the payer has an unclosed intent in the app.
    async fn insert_checkout_intent(&mut self, intent: &CheckoutIntent) -> Result<(), StoreError>;

    /// Saves the state Stripe reported, and the session if it is given.
    ///
    /// Must fail with [`StoreError::Conflict`] when the stored state is not `from`, and with
    /// [`StoreError::Unexpected`] when [`CheckoutIntentState::advance`] forbids the transition.
    async fn advance_checkout_intent(
        &mut self,
        workspace: &WorkspaceId,
        intent: CheckoutIntentId,
        from: CheckoutIntentState,
        to: CheckoutIntentState,
        session: Option<OpenedSession>,
    ) -> Result<(), StoreError>;
}
