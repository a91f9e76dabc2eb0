use crate::prelude::*;
use crate::testing::{enabled, one_blocker, ports_over, workspace_id};

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
    let session = DashboardSession::new(user_id, workspace_id(), role);
    Reads::new(Ports { availability, ..ports_over(store, Vec::new()) }).gateways(&session).await.unwrap()
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
    let reads = Reads::new(Ports { availability, ..ports_over(store, Vec::new()) });
    assert_eq!(reads.preflight_disable(&workspace_id()).await.unwrap(), one_blocker());
}

#[tokio::test]
async fn the_preflight_is_refused_while_billing_is_off() {
    let (store, availability) = reads(BillingSwitch::Disabled);
    let reads = Reads::new(Ports { availability, ..ports_over(store, Vec::new()) });
    let refused = reads.preflight_disable(&workspace_id()).await;
    assert!(matches!(refused, Err(Refused::NotEnabled)));
}
