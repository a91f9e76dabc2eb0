use async_trait::async_trait;
use billing_domain::{BillingSwitch, EnableError, Gateway, GatewayNotConfigured};

use crate::change::{Change, Decision, Gate, Tx};
use crate::refusal::{ErrorCode, Facts, Refusal, Refused, Told};

/// Switches a workspace's billing on, or to another gateway. May be repeated.
#[derive(Debug, Clone, Copy)]
pub struct EnableBilling {
    /// The gateway to use from now on.
    pub gateway: Gateway,
    /// The expected present state.
    pub wish: EnableWish,
}

/// The expected present state of the switch. A page shows one of two forms, and its form must not do what the other one
/// does when somebody else was quicker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnableWish {
    /// Any: enable, or switch the gateway.
    EnableOrSwitch,
    /// Off. If billing is on through another gateway, that stays.
    Enable,
    /// On. If billing is off, it stays off.
    Switch,
}

/// The rules that refuse enabling or switching.
#[derive(Debug, thiserror::Error)]
pub enum EnableBillingError {
    /// This deployment is not configured for the gateway.
    #[error("The {0}. Set it and restart the service, or choose another gateway.")]
    GatewayNotConfigured(GatewayNotConfigured),
    /// Billing was to be enabled and is on through another gateway.
    #[error(
        "Billing is on already, through the gateway `{0}`. Switch the gateway in the workspace's settings."
    )]
    OnAlready(Gateway),
    /// The gateway was to be switched and billing is off.
    #[error("Billing is not enabled in this workspace.")]
    NotEnabled,
    /// Billing is being switched off; ask again when that is decided.
    #[error(
        "Billing is being switched off at this moment. Try again in a few seconds, when that is decided."
    )]
    Closing,
}

impl Refusal for EnableBillingError {
    fn told(&self) -> Told<'_> {
        match self {
            Self::GatewayNotConfigured(missing) => {
                ErrorCode::PaymentGatewayNotConfigured.with(Facts::Gateway(missing))
            }
            Self::OnAlready(_) => ErrorCode::ConcurrentChange.into(),
            Self::NotEnabled => ErrorCode::BillingNotEnabled.into(),
            Self::Closing => ErrorCode::BillingClosing.into(),
        }
    }
}

impl From<EnableError> for EnableBillingError {
    fn from(error: EnableError) -> Self {
        match error {
            EnableError::GatewayNotConfigured(missing) => Self::GatewayNotConfigured(missing),
            EnableError::Closing => Self::Closing,
        }
    }
}

#[async_trait]
impl Change for EnableBilling {
    const NAME: &'static str = "enable_billing";
    type Answer = BillingSwitch;
    type Refusal = EnableBillingError;

    fn gate(&self) -> Gate<'_> {
        Gate::Always
    }

    async fn decide(&self, tx: &mut Tx) -> Result<Decision<BillingSwitch>, Refused<EnableBillingError>> {
        let switch = tx.workspace.switch;
        self.require_wish(switch)?;
        let enabled = switch.enable(self.gateway, &tx.ports.availability, tx.now);
        let Some(change) = enabled.map_err(EnableBillingError::from)? else {
            return Ok(Decision::Unchanged(switch));
        };
        tx.save_switch(change).await?;
        Ok(Decision::Changed(change.after))
    }
}

impl EnableBilling {
    /// Passes when the switch is in the expected state.
    fn require_wish(self, switch: BillingSwitch) -> Result<(), EnableBillingError> {
        match (self.wish, switch.gateway()) {
            (EnableWish::Enable, Some(current)) if current != self.gateway => {
                Err(EnableBillingError::OnAlready(current))
            }
            (EnableWish::Switch, None) => Err(EnableBillingError::NotEnabled),
            (EnableWish::EnableOrSwitch | EnableWish::Enable | EnableWish::Switch, _) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
