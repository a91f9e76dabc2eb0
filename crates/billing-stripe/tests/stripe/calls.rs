use billing_domain::{
    GatewayCommand, SessionStatus, StripeSubscriptionId, SubscriptionStatus,
    ports::{GatewayCalls, GatewayError, GatewayReads, SentCall},
};
use serde_json::json;

use crate::shop::{Shop, id, intent, new_customer, new_price, new_product, new_session};

#[tokio::test]
async fn a_product_is_made_renamed_and_taken_off_sale() {
    let shop = Shop::open().await;
    let product = shop.done(&new_product()).await;
    let update =
        GatewayCommand::UpdateProduct { product: product.clone(), name: "Plus".to_owned(), active: false };
    assert_eq!(shop.done(&update).await, product);
    let product = shop.get(&format!("/v1/products/{product}")).await;
    assert_eq!((&product["name"], &product["active"]), (&json!("Plus"), &json!(false)));
    assert_eq!(product["metadata"]["kl_workspace_id"], "ws_a");
}

#[tokio::test]
async fn a_price_is_made_in_stripes_units() {
    let shop = Shop::open().await;
    let product = shop.done(&new_product()).await;
    let price = shop.done(&new_price(&product, 500, "ISK")).await;
    let price = shop.get(&format!("/v1/prices/{price}")).await;
    assert_eq!((&price["unit_amount"], &price["recurring"]["interval"]), (&json!(50_000), &json!("month")));
}

#[tokio::test]
async fn a_price_that_stripe_cannot_charge_is_refused() {
    let shop = Shop::open().await;
    let product = shop.done(&new_product()).await;
    assert!(matches!(shop.sent(&new_price(&product, 30_001, "MGA")).await, SentCall::Refused { .. }));
    assert_eq!(shop.count("/v1/prices").await, 0);
}

#[tokio::test]
async fn a_session_is_opened_and_expired() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let session = shop.session(&customer).await;
    let open = shop.gateway.checkout_session(&shop.account, &session).await.unwrap().unwrap();
    assert_eq!((open.status, open.intent_id), (SessionStatus::Open, Some(intent())));
    assert!(open.url.is_some() && open.subscription.is_none());

    let expire = GatewayCommand::ExpireCheckoutSession { session: session.clone() };
    assert_eq!(shop.done(&expire).await, session);
    let expired = shop.gateway.checkout_session(&shop.account, &session).await.unwrap().unwrap();
    assert_eq!(expired.status, SessionStatus::Expired);
    // Another call, under another key.
    assert!(matches!(shop.sent(&expire).await, SentCall::Refused { .. }));
}

#[tokio::test]
async fn a_session_after_its_expiry_is_refused() {
    let shop = Shop::open().await;
    let (customer, price) = (shop.customer().await, shop.price().await);
    let late = shop.prepared(&new_session(&customer, &price));
    shop.control("clock", &json!({ "advanceSeconds": 7_200 })).await;
    assert!(matches!(shop.gateway.send(&late, true).await.unwrap(), SentCall::Refused { .. }));
    assert_eq!(shop.count("/v1/checkout/sessions").await, 0);
}

#[tokio::test]
async fn a_subscription_is_ended_with_its_period_now_and_paid_back() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let subscription = shop.sold(&customer).await;
    let of = StripeSubscriptionId::parse(subscription.as_str()).unwrap();
    let read = async || shop.gateway.subscription(&shop.account, &of).await.unwrap().unwrap();

    shop.done(&GatewayCommand::CancelAtPeriodEnd { subscription: subscription.clone() }).await;
    let ending = read().await;
    assert_eq!(
        (&ending.status, ending.times.cancel_at),
        (&SubscriptionStatus::Active, ending.times.period_end)
    );
    assert!(ending.times.cancel_at.is_some());

    let unrefunded = async || shop.gateway.unrefunded_payments(&shop.account, &of).await.unwrap();
    let payment_intent = unrefunded().await.pop().unwrap();
    shop.done(&GatewayCommand::Refund { payment_intent: payment_intent.clone() }).await;
    assert!(unrefunded().await.is_empty());
    let refunds = shop.get(&format!("/v1/refunds?payment_intent={payment_intent}")).await;
    assert_eq!(refunds["data"][0]["amount"], 4_000);

    let cancel = GatewayCommand::CancelSubscription { subscription: subscription.clone() };
    assert_eq!(shop.done(&cancel).await, subscription);
    assert_eq!(read().await.status, SubscriptionStatus::Canceled);
}

#[tokio::test]
async fn a_repeated_end_of_a_subscription_is_carried_out() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let subscription = shop.sold(&customer).await;
    let call = shop.prepared(&GatewayCommand::CancelSubscription { subscription: subscription.clone() });
    for _ in 0..2 {
        let sent = shop.gateway.send(&call, false).await.unwrap();
        assert_eq!(sent, SentCall::Done(subscription.clone()));
    }
}

#[tokio::test]
async fn the_end_of_a_subscription_that_does_not_exist_is_refused() {
    let shop = Shop::open().await;
    let cancel = GatewayCommand::CancelSubscription { subscription: id("sub_missing") };
    assert!(matches!(shop.sent(&cancel).await, SentCall::Refused { .. }));
}

#[tokio::test]
async fn a_repeated_call_makes_one_object() {
    let shop = Shop::open().await;
    let (customer, price) = (shop.customer().await, shop.price().await);
    let call = shop.prepared(&new_session(&customer, &price));
    let first = shop.gateway.send(&call, true).await.unwrap();
    assert_eq!(shop.gateway.send(&call, false).await.unwrap(), first);
    assert_eq!(shop.count("/v1/checkout/sessions").await, 1);
}

#[tokio::test]
async fn a_refused_call_makes_nothing() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let SentCall::Refused { reason, missing } =
        shop.sent(&new_session(&customer, &id("price_missing"))).await
    else {
        panic!("the price does not exist")
    };
    assert!(reason.contains("price_missing"), "{reason}");
    assert_eq!(missing, Some(id("price_missing")));
    assert_eq!(shop.count("/v1/checkout/sessions").await, 0);
}

#[tokio::test]
async fn a_refusal_names_the_object_that_was_deleted() {
    let shop = Shop::open().await;
    let (customer, price) = (shop.customer().await, shop.price().await);
    shop.delete(&format!("/v1/customers/{customer}")).await;
    let SentCall::Refused { missing, .. } = shop.sent(&new_session(&customer, &price)).await else {
        panic!("the customer was deleted")
    };
    assert_eq!(missing, Some(customer));
    let SentCall::Refused { missing, .. } = shop.sent(&new_price(&id("prod_gone"), 900, "EUR")).await else {
        panic!("the product does not exist")
    };
    assert_eq!(missing, Some(id("prod_gone")));
}

#[tokio::test]
async fn a_refusal_for_another_reason_names_no_object() {
    let shop = Shop::open().await;
    let product = shop.done(&new_product()).await;
    let SentCall::Refused { missing, .. } = shop.sent(&new_price(&product, 30_001, "MGA")).await else {
        panic!("the amount cannot be charged")
    };
    assert_eq!(missing, None);
}

#[tokio::test]
async fn a_key_used_for_another_body_says_nothing_about_the_first() {
    let shop = Shop::open().await;
    let mut call = shop.prepared(&new_customer());
    shop.gateway.send(&call, true).await.unwrap();
    call.request.body.push_str("&name=Eve");
    assert!(matches!(shop.gateway.send(&call, true).await, Err(GatewayError::Unknown(_))));
    assert_eq!(shop.count("/v1/customers").await, 1);
}
