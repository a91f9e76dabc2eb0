use billing_domain::ports::StoreError;
use billing_domain::{
    AppId, CheckoutIntent, CheckoutIntentId, CheckoutIntentState, CheckoutRefused, EnvironmentId,
    IdempotencyKey, Payer, WorkspaceId,
};

use crate::Ports;

/// Takes the first step of a checkout: one transaction that makes sure billing is on and writes down that a
/// Checkout Session may exist, before anyone asks Stripe for one (contract, section 5, I1).
pub struct OpenCheckoutIntent {
    ports: Ports,
}

/// Who is buying in which app.
#[derive(Debug, Clone)]
pub struct OpenCheckoutIntentRequest {
    /// The tenant that sells.
    pub workspace_id: WorkspaceId,
    /// The app whose plan is being bought.
    pub app_id: AppId,
    /// The environment the payer lives in.
    pub environment_id: EnvironmentId,
    /// Who is buying.
    pub payer: Payer,
}

/// Why no intent was written.
#[derive(Debug, thiserror::Error)]
pub enum OpenCheckoutIntentError {
    /// Billing is off or being switched off.
    #[error(transparent)]
    Refused(#[from] CheckoutRefused),
    /// The store could not.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl OpenCheckoutIntent {
    /// The use case over these ports.
    #[must_use]
    pub fn new(ports: Ports) -> Self {
        Self { ports }
    }

    /// Writes a new intent, unresolved. Each call writes another one.
    ///
    /// # Errors
    /// [`OpenCheckoutIntentError`]; nothing was written, except that after a failed commit
    /// ([`StoreError::Unavailable`]) it is unknown whether it was.
    pub async fn execute(
        &self,
        request: OpenCheckoutIntentRequest,
    ) -> Result<CheckoutIntent, OpenCheckoutIntentError> {
        let mut work = self.ports.store.begin().await?;
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

#[cfg(test)]
mod tests;
