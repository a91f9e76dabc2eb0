use billing_domain::ports::{StoreError, error_chain};
use billing_domain::{
    BillingSwitch, Blockers, ChargeableObject, DashboardSession, Gateway, GatewayAccountId, WorkspaceId,
};

use super::Reads;
use crate::calls::CallError;
use crate::disable_billing::{DisableBillingError, GUARD_LIMIT};
use crate::guard::chargeable;
use crate::refusal::{Refusal, Refused};

/// The number of open checkouts whose sessions are told from others at Stripe.
const INTENTS: u32 = 1_000;

/// A gateway as an option.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewayOption {
    /// The gateway.
    pub gateway: Gateway,
    /// Whether it is the gateway of new customers and checkouts.
    pub in_use: bool,
    /// The reason why it is unavailable; `None` if available.
    pub unavailable_because: Option<String>,
}

impl Reads {
    /// The workspace's billing switch; off for an unknown workspace.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn billing_switch(&self, workspace: &WorkspaceId) -> Result<BillingSwitch, StoreError> {
        self.ports.store.switches().billing_switch(workspace).await
    }

    /// The workspace's billing switch, which must be on.
    ///
    /// # Errors
    /// [`Refused::NotEnabled`] and [`Refused::Store`].
    pub async fn require_open<E: Refusal>(
        &self,
        workspace: &WorkspaceId,
    ) -> Result<BillingSwitch, Refused<E>> {
        let switch = self.billing_switch(workspace).await?;
        if switch.is_on() { Ok(switch) } else { Err(Refused::NotEnabled) }
    }

    /// The blockers of disabling billing.
    ///
    /// Asks Stripe, as disabling does, but ends no session and settles nothing. A forecast: only [`Executor::disable_billing`](crate::Executor::disable_billing) decides, while checkouts are
    /// refused.
    ///
    /// # Errors
    /// [`Refused::NotEnabled`], [`Refused::Store`], [`DisableBillingError::GatewaySlow`] and
    /// [`DisableBillingError::GatewayUnavailable`].
    pub async fn preflight_disable(
        &self,
        workspace: &WorkspaceId,
    ) -> Result<Blockers, Refused<DisableBillingError>> {
        self.require_open(workspace).await?;
        let blockers = self.ports.store.switches().blockers(workspace).await?;
        let asked = tokio::time::timeout(GUARD_LIMIT, chargeable(&self.ports, workspace)).await;
        match asked {
            // What else Stripe would find does not take these out of the way.
            Err(_elapsed) if blockers.has_subscription() => Ok(blockers),
            Err(_elapsed) => Err(DisableBillingError::GatewaySlow.into()),
            Ok(Ok(mut found)) => {
                // An open session of ours is a blocker as its intent.
                let ours = self.ports.store.checkout_intents();
                let ours = ours.unclosed_checkout_intents(workspace, None, INTENTS).await?;
                let is_ours = |object: &ChargeableObject| {
                    ours.iter().filter_map(|intent| intent.session.as_ref()).any(|it| it.id == object.id)
                };
                found.retain(|object| !is_ours(object));
                Ok(blockers.with_found(&found))
            }
            Ok(Err(CallError::Store(error))) => Err(error.into()),
            Ok(Err(CallError::Gateway(error))) => {
                tracing::warn!(workspace_id = %workspace, error = %error_chain(&error), "Stripe could not be asked");
                Err(DisableBillingError::GatewayUnavailable.into())
            }
        }
    }

    /// Whether money is real on the account.
    #[must_use]
    pub fn is_live(&self, account: &GatewayAccountId) -> bool {
        self.ports.gateway.is_live(account)
    }

    /// Every gateway, the default first. Allowed while billing is off. Missing settings are named only to
    /// administrators.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn gateways(&self, session: &DashboardSession) -> Result<Vec<GatewayOption>, StoreError> {
        let in_use = self.billing_switch(&session.workspace_id).await?.gateway();
        let option = |gateway| {
            let unavailable_because = self.ports.availability.require(gateway).err().map(|lacking| {
                if session.role.may_change_billing() {
                    format!("Not configured here: {} is missing.", lacking.missing_settings.join(", "))
                } else {
                    "Not configured here.".to_owned()
                }
            });
            GatewayOption { gateway, in_use: in_use == Some(gateway), unavailable_because }
        };
        Ok(Gateway::ALL.map(option).to_vec())
    }
}
