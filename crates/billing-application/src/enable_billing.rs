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
    /// What the person thinks is so.
    pub wish: EnableWish,
    /// Who asks, for the audit log.
    pub actor: Actor,
}

/// What somebody wants of the switch. A page shows one of the two and its form must not do the other one, when somebody
/// else was quicker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnableWish {
    /// Billing on through this gateway, however it is now.
    EnableOrSwitch,
    /// Billing on that is off. If it is on through another gateway, that stays.
    Enable,
    /// Another gateway for billing that is on. If it is off, it stays off.
    Switch,
}

/// Why billing is as it was.
#[derive(Debug, thiserror::Error)]
pub enum EnableBillingError {
    /// This deployment is not configured for the gateway.
    #[error("The {0}. Set it and restart the service, or choose another gateway.")]
    GatewayNotConfigured(GatewayNotConfigured),
    /// Billing was to be enabled and is on through another gateway.
    #[error(
        "Billing is on already, through the gateway `{0}`. Switch the gateway in the workspace's settings."
    )]
    OnAlready(PaymentGateway),
    /// The gateway was to be switched and billing is off.
    #[error("Billing is not enabled in this workspace.")]
    NotEnabled,
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

        if let Err(refusal) = require_wish(request.wish, request.gateway, workspace.switch) {
            work.rollback().await?;
            return Err(refusal);
        }
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

/// Passes when the switch is as somebody thinks who wishes this.
fn require_wish(
    wish: EnableWish,
    gateway: PaymentGateway,
    switch: BillingSwitch,
) -> Result<(), EnableBillingError> {
    match (wish, switch.gateway()) {
        (EnableWish::Enable, Some(current)) if current != gateway => {
            Err(EnableBillingError::OnAlready(current))
        }
        (EnableWish::Switch, None) => Err(EnableBillingError::NotEnabled),
        (EnableWish::EnableOrSwitch | EnableWish::Enable | EnableWish::Switch, _) => Ok(()),
    }
}

#[cfg(test)]
mod tests;
