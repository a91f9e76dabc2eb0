use billing_domain::ports::StoreError;
use billing_domain::{
    AppId, CheckoutIntent, CheckoutIntentId, CheckoutIntentState, CheckoutRefused, EnvironmentId,
    IdempotencyKey, Payer, WorkspaceId,
};

use crate::Ports;

/// The first step of a checkout: checks in one transaction that billing is on and records that a Checkout Session may
/// exist, before Stripe is called (contract, section 5, I1).
pub struct OpenCheckoutIntent {
    ports: Ports,
}

/// The buyer and the app.
#[derive(Debug, Clone)]
pub struct OpenCheckoutIntentRequest {
    /// The selling tenant.
    pub workspace_id: WorkspaceId,
    /// The app that sells the plan.
    pub app_id: AppId,
    /// The payer's environment.
    pub environment_id: EnvironmentId,
    /// The buyer.
    pub payer: Payer,
}

/// A failure to write an intent.
#[derive(Debug, thiserror::Error)]
pub enum OpenCheckoutIntentError {
    /// Billing is off or being disabled.
    #[error(transparent)]
    Refused(#[from] CheckoutRefused),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl OpenCheckoutIntent {
    #[must_use]
    pub fn new(ports: Ports) -> Self {
        Self { ports }
    }

    /// Writes a new unresolved intent. Each call writes another one.
    ///
    /// # Errors
    /// [`OpenCheckoutIntentError`]; nothing was written, except that a failed commit ([`StoreError::Unavailable`])
    /// has an unknown outcome.
    pub async fn execute(
        &self,
        request: OpenCheckoutIntentRequest,
    ) -> Result<CheckoutIntent, OpenCheckoutIntentError> {
        let mut work = self.ports.store.begin(&request.workspace_id).await?;
        let workspace = work.switches().lock_workspace(&request.workspace_id).await?;

        let gateway = match workspace.switch.admit_checkout() {
            Ok(gateway) => gateway,
            Err(refusal) => {
                work.rollback().await?;
                return Err(refusal.into());
            }
        };
        let now = self.ports.clock.now();
        let intent = CheckoutIntent {
            id: CheckoutIntentId::from_uuid(self.ports.ids.uuid_v7()),
            workspace_id: request.workspace_id,
            app_id: request.app_id,
            environment_id: request.environment_id,
            payer: request.payer,
            gateway,
            idempotency_key: IdempotencyKey::from_uuid(self.ports.ids.uuid_v7()),
            state: CheckoutIntentState::Unresolved,
            expires_at: now + CheckoutIntent::LIFETIME,
            created_at: now,
        };
        work.checkout_intents().insert_checkout_intent(&intent).await?;
        work.commit().await?;
        Ok(intent)
    }
}
