use async_trait::async_trait;

use super::StoreError;
use crate::{CheckoutIntent, CheckoutIntentId, CheckoutIntentState, WorkspaceId};

/// The checkout intents inside a transaction.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait CheckoutIntentRepository: Send {
    /// Adds an intent to a workspace that was [locked](super::SwitchRepository::lock_workspace) and admits checkouts.
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
