use billing_domain::ports::StoreError;
use billing_domain::{
    Actor, BillingSwitch, EnableError, GatewayAvailability, GatewayNotConfigured, PaymentGateway, WorkspaceId,
};

use crate::Ports;

/// Switches a workspace's billing on, or to another gateway.
pub struct EnableBilling {
    ports: Ports,
    availability: GatewayAvailability,
}

/// Who wants billing on, and through which gateway.
#[derive(Debug, Clone)]
pub struct EnableBillingRequest {
    /// The tenant, from the credential.
    pub workspace_id: WorkspaceId,
    /// The gateway to use from now on.
    pub gateway: PaymentGateway,
    /// Who asks, for the audit log.
    pub actor: Actor,
}

/// Why billing is as it was.
#[derive(Debug, thiserror::Error)]
pub enum EnableBillingError {
    /// This deployment is not configured for the gateway.
    #[error("The {0}. Set it and restart the service, or choose another gateway.")]
    GatewayNotConfigured(GatewayNotConfigured),
    /// Billing is being switched off; ask again when that is decided.
    #[error(
        "Billing is being switched off at this moment. Try again in a few seconds, when that is decided."
    )]
    Closing,
    /// The store could not.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<EnableError> for EnableBillingError {
    fn from(error: EnableError) -> Self {
        match error {
            EnableError::GatewayNotConfigured(missing) => Self::GatewayNotConfigured(missing),
            EnableError::Closing => Self::Closing,
        }
    }
}

impl EnableBilling {
    /// The use case over these ports, in a deployment configured for these gateways.
    #[must_use]
    pub fn new(ports: Ports, availability: GatewayAvailability) -> Self {
        Self { ports, availability }
    }

    /// Enables billing and returns the switch as it is then. May be repeated: the second time changes nothing.
    ///
    /// # Errors
    /// [`EnableBillingError`]; nothing was changed, except that after a failed commit
    /// ([`StoreError::Unavailable`]) it is unknown whether it was.
    pub async fn execute(&self, request: EnableBillingRequest) -> Result<BillingSwitch, EnableBillingError> {
        let mut work = self.ports.store.begin().await?;
        let workspace = work.lock_workspace(&request.workspace_id).await?;

        let now = self.ports.clock.now();
        match workspace.switch.enable(request.gateway, &self.availability, now) {
            Ok(Some(change)) => {
                let enabled =
                    self.ports.commit_switch_change(work, workspace, change, &request.actor).await?;
                Ok(enabled.switch)
            }
            Ok(None) => {
                work.rollback().await?;
                Ok(workspace.switch)
            }
            Err(refusal) => {
                work.rollback().await?;
                Err(refusal.into())
            }
        }
    }
}

#[cfg(test)]
mod tests;
