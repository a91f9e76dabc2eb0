use billing_domain::ports::StoreError;
use billing_domain::{Actor, BillingSwitch, Blockers, WorkspaceId};

use crate::Ports;
use crate::closing::{self, Begun, Finished};

/// How often a closing that others keep ending is begun anew before giving up.
const ATTEMPTS: usize = 16;

/// Switches a workspace's billing off, unless Stripe can still charge someone.
pub struct DisableBilling {
    ports: Ports,
}

/// Who wants billing off.
#[derive(Debug, Clone)]
pub struct DisableBillingRequest {
    /// The tenant, from the credential.
    pub workspace_id: WorkspaceId,
    /// Who asks, for the audit log.
    pub actor: Actor,
}

/// Why billing is not off.
#[derive(Debug, thiserror::Error)]
pub enum DisableBillingError {
    /// These can still lead to a charge; billing is on as before.
    #[error(
        "Billing cannot be switched off while Stripe can still charge someone. In the way: {}. End them first.",
        .0.total()
    )]
    Blocked(Blockers),
    /// Others kept enabling and disabling billing at the same time. May be repeated.
    #[error("Others are switching billing on and off at the same time. Try again in a few seconds.")]
    Contended,
    /// The store could not. A closing that was begun is ended by
    /// [`RecoverClosings`](crate::RecoverClosings).
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl DisableBilling {
    /// The use case over these ports.
    #[must_use]
    pub fn new(ports: Ports) -> Self {
        Self { ports }
    }

    /// Disables billing and returns the switch as it is then. May be repeated: the second time changes nothing.
    /// Several callers at once share one closing.
    ///
    /// # Errors
    /// [`DisableBillingError`].
    pub async fn execute(
        &self,
        request: DisableBillingRequest,
    ) -> Result<BillingSwitch, DisableBillingError> {
        for _ in 0..ATTEMPTS {
            let begun = closing::begin(&self.ports, &request.workspace_id, &request.actor).await?;
            let Begun::Closing(closing) = begun else {
                return Ok(BillingSwitch::Disabled);
            };
            match closing::finish(&self.ports, &closing, &request.actor).await? {
                Finished::Disabled => return Ok(BillingSwitch::Disabled),
                Finished::Refused(blockers) => return Err(DisableBillingError::Blocked(blockers)),
                Finished::Superseded => {}
            }
        }
        Err(DisableBillingError::Contended)
    }
}

#[cfg(test)]
mod tests;
