use std::collections::BTreeSet;

use billing_domain::{
    ChargeableKind, GatewayCommand, StripeId,
    ports::{GatewayReads, GatewayScope},
};
use serde_json::json;

use crate::shop::{Shop, id};

pub async fn kinds(shop: &Shop, scope: &GatewayScope) -> Vec<(ChargeableKind, String)> {
    let mut found = Vec::new();
    for object in shop.gateway.chargeable(&shop.account, scope).await.unwrap() {
        assert_eq!(object.account, shop.account);
        found.push((object.kind, object.status.unwrap_or_default()));
    }
    found.sort();
    found
}

fn of(customer: &StripeId) -> GatewayScope {
    GatewayScope::Customers(vec![customer.clone()])
}

/// One object of each chargeable kind, of one customer.
pub async fn one_of_each(shop: &Shop) -> StripeId {
    let customer = shop.customer().await;
    let subscription = shop.sold(&customer).await;
    shop.session(&customer).await;
    let (customer_field, price) = (("customer", customer.as_str()), shop.price().await);
    let draft = shop.post("/v1/invoices", &[customer_field, ("auto_advance", "false")]).await;
    shop.post(
        "/v1/invoiceitems",
        &[customer_field, ("amount", "500"), ("currency", "usd"), ("invoice", draft["id"].as_str().unwrap())],
    )
    .await;
    let sent = shop
        .post(
            "/v1/invoices",
            &[customer_field, ("collection_method", "send_invoice"), ("days_until_due", "30")],
        )
        .await;
    let sent = sent["id"].as_str().unwrap();
    shop.post(
        "/v1/invoiceitems",
        &[customer_field, ("amount", "700"), ("currency", "usd"), ("invoice", sent)],
    )
    .await;
    shop.post(&format!("/v1/invoices/{sent}/finalize"), &[]).await;
    shop.post("/v1/invoiceitems", &[customer_field, ("amount", "900"), ("currency", "usd")]).await;
    let schedule = [
        customer_field,
        ("start_date", "1769817600"),
        ("phases[0][items][0][price]", price.as_str()),
        ("phases[0][duration][interval]", "month"),
        ("phases[0][duration][interval_count]", "2"),
    ];
    shop.post("/v1/subscription_schedules", &schedule).await;
    assert!(subscription.as_str().starts_with("sub_"));
    customer
}

#[tokio::test]
async fn each_kind_is_found_in_both_scopes() {
    let shop = Shop::open().await;
    let customer = one_of_each(&shop).await;
    let all = [
        (ChargeableKind::CheckoutSession, "open"),
        (ChargeableKind::Subscription, "active"),
        (ChargeableKind::SubscriptionSchedule, "not_started"),
        (ChargeableKind::Invoice, "draft"),
        (ChargeableKind::Invoice, "open"),
        (ChargeableKind::InvoiceItem, ""),
    ];
    let all = all.map(|(kind, status)| (kind, status.to_owned()));
    assert_eq!(kinds(&shop, &GatewayScope::Account).await, all);
    assert_eq!(kinds(&shop, &of(&customer)).await, all);
}

#[tokio::test]
async fn another_customers_objects_are_not_of_the_scope() {
    let shop = Shop::open().await;
    one_of_each(&shop).await;
    let other = shop.customer().await;
    assert_eq!(kinds(&shop, &of(&other)).await, []);
    assert_eq!(kinds(&shop, &GatewayScope::Customers(Vec::new())).await, []);
}

#[tokio::test]
async fn a_customer_that_does_not_exist_has_nothing() {
    let shop = Shop::open().await;
    let customer = one_of_each(&shop).await;
    let scope = GatewayScope::Customers(vec![id("cus_missing"), customer]);
    assert_eq!(kinds(&shop, &scope).await.len(), 6);
}

#[tokio::test]
async fn an_ended_sale_is_not_chargeable() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let subscription = shop.sold(&customer).await;
    let session = shop.session(&customer).await;
    shop.done(&GatewayCommand::CancelSubscription { subscription }).await;
    shop.done(&GatewayCommand::ExpireCheckoutSession { session }).await;
    assert_eq!(kinds(&shop, &GatewayScope::Account).await, []);
}

#[tokio::test]
async fn all_pages_are_read() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    for amount in 1..=205 {
        let amount = amount.to_string();
        let form = [("customer", customer.as_str()), ("amount", amount.as_str()), ("currency", "usd")];
        shop.post("/v1/invoiceitems", &form).await;
    }
    for scope in [GatewayScope::Account, of(&customer)] {
        let found = shop.gateway.chargeable(&shop.account, &scope).await.unwrap();
        let ids: BTreeSet<_> = found.iter().map(|object| &object.id).collect();
        assert_eq!((found.len(), ids.len()), (205, 205));
    }
}

#[tokio::test]
async fn a_fault_on_any_page_is_an_error() {
    let shop = Shop::open().await;
    one_of_each(&shop).await;
    for path in ["checkout/sessions", "subscription_schedules", "subscriptions", "invoiceitems", "invoices"] {
        let fault =
            json!({ "fault": "error_500", "method": "GET", "path": format!("/v1/{path}"), "times": 4 });
        shop.control("faults", &fault).await;
        assert!(shop.gateway.chargeable(&shop.account, &GatewayScope::Account).await.is_err(), "{path}");
    }
}
