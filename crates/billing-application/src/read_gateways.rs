use std::sync::Arc;

use billing_domain::ports::{BillingStore, StoreError};
use billing_domain::{DashboardSession, GatewayAvailability, PaymentGateway};

/// Tells which gateways a workspace can choose from, whether its billing is on or not.
pub struct ReadGateways {
    store: Arc<dyn BillingStore>,
    availability: GatewayAvailability,
}

/// A gateway as a choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewayOption {
    /// The gateway.
    pub gateway: PaymentGateway,
    /// Whether new customers and checkouts go there now.
    pub in_use: bool,
    /// Why it cannot be chosen; `None` when it can.
    pub unavailable_because: Option<String>,
}

impl ReadGateways {
    /// The use case over this store, in a deployment configured for these gateways.
    #[must_use]
    pub fn new(store: Arc<dyn BillingStore>, availability: GatewayAvailability) -> Self {
        Self { store, availability }
    }

    /// Every gateway, the default first. What a deployment lacks is told to those who can do something about it.
    ///
    /// # Errors
    /// Whatever keeps the store from answering.
    pub async fn execute(&self, session: &DashboardSession) -> Result<Vec<GatewayOption>, StoreError> {
        let in_use = self.store.billing_switch(&session.workspace_id).await?.gateway();
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
        Ok(PaymentGateway::ALL.map(option).to_vec())
    }
}

#[cfg(test)]
mod tests {
    use billing_domain::ports::MockBillingStore;
    use billing_domain::{DashboardUserId, Role};

    use super::*;
    use crate::testing::{enabled, workspace_id};

    async fn options(role: Role) -> Vec<GatewayOption> {
        let mut store = MockBillingStore::new();
        store.expect_billing_switch().return_once(|_| Ok(enabled()));
        let availability = GatewayAvailability::default()
            .missing(PaymentGateway::StripePlatform, vec!["KL_STRIPE_SECRET_KEY"]);
        let user_id = DashboardUserId::parse("ada").unwrap();
        let session = DashboardSession { user_id, workspace_id: workspace_id(), role };
        ReadGateways::new(Arc::new(store), availability).execute(&session).await.unwrap()
    }

    #[tokio::test]
    async fn what_a_gateway_lacks_is_named_to_those_who_can_mend_it_only() {
        let named = |options: Vec<GatewayOption>| options[2].unavailable_because.clone().unwrap();
        for role in [Role::Owner, Role::Admin] {
            assert_eq!(named(options(role).await), "Not configured here: KL_STRIPE_SECRET_KEY is missing.");
        }
        assert_eq!(named(options(Role::Member).await), "Not configured here.");
    }

    #[tokio::test]
    async fn the_gateway_in_use_is_marked() {
        let options = options(Role::Owner).await;
        assert_eq!(options.iter().map(|option| option.gateway).collect::<Vec<_>>(), PaymentGateway::ALL);
        assert_eq!(options.iter().map(|option| option.in_use).collect::<Vec<_>>(), [true, false, false]);
        assert_eq!(options[0].unavailable_because, None);
    }
}
