use async_trait::async_trait;

use super::StoreError;
use crate::{CheckoutIntent, CheckoutIntentId, CheckoutIntentState, WorkspaceId};

/// The checkout intents inside a transaction.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait CheckoutIntentRepository: Send {
    /// Adds an intent to a workspace that is [locked](super::SwitchRepository::lock_workspace) and admits checkouts.
    ///
    /// Must fail with [`StoreError::Conflict`] when its id or idempotency key is taken.
    async fn insert_checkout_intent(&mut self, intent: &CheckoutIntent) -> Result<(), StoreError>;

    /// Saves the state Stripe reported.
    ///
    /// Must fail with [`StoreError::Conflict`] when the stored state is not `from`, and with
    /// [`StoreError::Unexpected`] when [`CheckoutIntentState::advance`] forbids the transition.
    async fn advance_checkout_intent(
        &mut self,
        workspace: &WorkspaceId,
        intent: CheckoutIntentId,
        from: CheckoutIntentState,
        to: CheckoutIntentState,
    ) -> Result<(), StoreError>;
}
