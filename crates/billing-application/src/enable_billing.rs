use async_trait::async_trait;
use billing_domain::{BillingSwitch, EnableError, Gateway, GatewayNotConfigured};

use crate::change::{Change, Decision, Gate, Tx};
use crate::refusal::{ErrorCode, Facts, Refusal, Refused, Told};

/// Enables billing, or switches the gateway. May be repeated.
#[derive(Debug, Clone, Copy)]
pub struct EnableBilling {
    /// The gateway to use.
    pub gateway: Gateway,
    /// The expected present state.
    pub wish: EnableWish,
}

/// The expected present state of the switch, for the two forms of a page: a form must not do what the other one does
/// when another user was faster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnableWish {
    /// Any: enable or switch the gateway.
    EnableOrSwitch,
    /// Off. Billing that is on keeps its gateway.
    Enable,
    /// On. Billing that is off stays off.
    Switch,
}

/// The rules that refuse enabling or switching.
#[derive(Debug, thiserror::Error)]
pub enum EnableBillingError {
    /// The gateway is not configured in this deployment.
    #[error("{0} Set it and restart the service, or choose another gateway.")]
    GatewayNotConfigured(GatewayNotConfigured),
    /// Billing is on through another gateway, though expected to be off.
    #[error(
        "Billing is on already, through the gateway “{0}”. Switch the gateway in the workspace's settings."
    )]
    OnAlready(Gateway),
    /// Billing is off, though expected to be on.
    #[error("Billing is not enabled in this workspace.")]
    NotEnabled,
    /// Billing is being disabled; repeat the request later.
    #[error("Billing is being disabled at this moment. Try again in a few seconds, when that is decided.")]
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
    /// Checks that the switch is in the expected state.
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
