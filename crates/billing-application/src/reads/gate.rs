use std::convert::Infallible;

use billing_domain::ports::StoreError;
use billing_domain::{BillingSwitch, Blockers, DashboardSession, Gateway, WorkspaceId};

use super::Reads;
use crate::refusal::{Refusal, Refused};

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
        self.store.switches().billing_switch(workspace).await
    }

    /// Checks that billing is on.
    ///
    /// # Errors
    /// [`Refused::NotEnabled`] and [`Refused::Store`].
    pub async fn require_open<E: Refusal>(&self, workspace: &WorkspaceId) -> Result<(), Refused<E>> {
        if self.billing_switch(workspace).await?.is_on() { Ok(()) } else { Err(Refused::NotEnabled) }
    }

    /// The blockers of disabling billing.
    ///
    /// A forecast: only [`Executor::disable_billing`](crate::Executor::disable_billing) decides, while checkouts are
    /// refused.
    ///
    /// # Errors
    /// [`Refused::NotEnabled`] and [`Refused::Store`].
    pub async fn preflight_disable(&self, workspace: &WorkspaceId) -> Result<Blockers, Refused<Infallible>> {
        self.require_open(workspace).await?;
        Ok(self.store.switches().blockers(workspace).await?)
    }

    /// Every gateway, the default first. Allowed while billing is off. Missing settings are named only to
    /// administrators.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn gateways(&self, session: &DashboardSession) -> Result<Vec<GatewayOption>, StoreError> {
        let in_use = self.billing_switch(&session.workspace_id).await?.gateway();
        let option = |gateway| {
            let unavailable_because = self.availability.require(gateway).err().map(|lacking| {
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use billing_domain::ports::MockBillingStore;
    use billing_domain::{DashboardUserId, GatewayAvailability, Role};

    use super::*;
    use crate::testing::{enabled, one_blocker, workspace_id};

    fn reads(switch: BillingSwitch) -> (MockBillingStore, GatewayAvailability) {
        let mut store = MockBillingStore::default();
        store.switches.expect_billing_switch().return_once(move |_| Ok(switch));
        let availability =
            GatewayAvailability::default().missing(Gateway::StripePlatform, vec!["KL_STRIPE_SECRET_KEY"]);
        (store, availability)
    }

    async fn options(role: Role) -> Vec<GatewayOption> {
        let (store, availability) = reads(enabled());
        let user_id = DashboardUserId::parse("ada").unwrap();
        let session = DashboardSession { user_id, workspace_id: workspace_id(), role };
        Reads::new(Arc::new(store), availability).gateways(&session).await.unwrap()
    }

    #[tokio::test]
    async fn missing_settings_are_named_to_administrators_only() {
        let named = |options: Vec<GatewayOption>| options[2].unavailable_because.clone().unwrap();
        for role in [Role::Owner, Role::Admin] {
            assert_eq!(named(options(role).await), "Not configured here: KL_STRIPE_SECRET_KEY is missing.");
        }
        assert_eq!(named(options(Role::Member).await), "Not configured here.");
    }

    #[tokio::test]
    async fn the_gateway_in_use_is_marked() {
        let options = options(Role::Owner).await;
        assert_eq!(options.iter().map(|option| option.gateway).collect::<Vec<_>>(), Gateway::ALL);
        assert_eq!(options.iter().map(|option| option.in_use).collect::<Vec<_>>(), [true, false, false]);
        assert_eq!(options[0].unavailable_because, None);
    }

    #[tokio::test]
    async fn the_preflight_returns_the_blockers_while_billing_is_on() {
        let (mut store, availability) = reads(enabled());
        store.switches.expect_blockers().return_once(|_| Ok(one_blocker()));
        let reads = Reads::new(Arc::new(store), availability);
        assert_eq!(reads.preflight_disable(&workspace_id()).await.unwrap(), one_blocker());
    }

    #[tokio::test]
    async fn the_preflight_is_refused_while_billing_is_off() {
        let (store, availability) = reads(BillingSwitch::Disabled);
        let reads = Reads::new(Arc::new(store), availability);
        let refused = reads.preflight_disable(&workspace_id()).await;
        assert!(matches!(refused, Err(Refused::NotEnabled)));
    }
}
