//! Sessions of the customer portal.

use billing_domain::{
    GatewayCommand, StripeId,
    ports::{GatewayCalls, GatewayError, OpenedPage},
};
use serde_json::json;

use crate::shop::{Shop, id};

fn link(customer: StripeId) -> GatewayCommand {
    GatewayCommand::CreatePortalSession { customer, return_url: "https://shop.test/done".to_owned() }
}

#[tokio::test]
async fn a_repeated_call_gives_the_address_of_then_and_debug_hides_it() {
    let shop = Shop::open().await;
    let call = shop.prepared(&link(shop.customer().await));

    let opened = shop.gateway.open_page(&call).await.unwrap();

    assert_eq!(shop.gateway.open_page(&call).await.unwrap(), opened);
    let OpenedPage::Open { address, .. } = &opened else { panic!("{opened:?}") };
    assert!(address.0.starts_with(shop.sandbox.url()), "{}", address.0);
    assert!(!format!("{opened:?}").contains(&address.0));
    assert_eq!(shop.gateway.object_of(&call).await.unwrap(), None, "Stripe does not list it");
}

#[tokio::test]
async fn a_refused_page_has_its_reason_and_a_lost_one_is_unknown() {
    let shop = Shop::open().await;
    let refused = shop.gateway.open_page(&shop.prepared(&link(id("cus_missing")))).await.unwrap();
    assert!(matches!(&refused, OpenedPage::Refused(reason) if reason.contains("cus_missing")), "{refused:?}");
    let call = shop.prepared(&link(shop.customer().await));
    shop.control("faults", &json!({ "fault": "error_500", "method": "POST" })).await;
    let lost = shop.gateway.open_page(&call).await;
    assert!(matches!(lost, Err(GatewayError::Unknown(_))), "{lost:?}");
}
