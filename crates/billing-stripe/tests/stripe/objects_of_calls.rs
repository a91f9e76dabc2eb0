use billing_domain::{
    GatewayCommand, StripeSubscriptionId,
    ports::{GatewayCalls, GatewayReads, SentCall},
};

use crate::shop::{Shop, new_customer, new_price, new_product, new_session};

#[tokio::test]
async fn everything_that_is_made_is_found_by_its_call() {
    let shop = Shop::open().await;
    let (customer, price) = (shop.customer().await, shop.price().await);
    let product = shop.done(&new_product()).await;
    let subscription = shop.sold(&customer).await;
    let subscription = StripeSubscriptionId::parse(subscription.as_str()).unwrap();
    let sold = shop.gateway.subscription(&shop.account, &subscription).await.unwrap().unwrap();
    for command in [
        new_customer(),
        new_product(),
        new_price(&product, 900, "EUR"),
        new_session(&customer, &price),
        GatewayCommand::Refund { payment_intent: sold.latest_payment.unwrap() },
    ] {
        let call = shop.prepared(&command);
        assert_eq!(shop.gateway.object_of(&call).await.unwrap(), None, "{command:?}");
        let SentCall::Done(made) = shop.gateway.send(&call, true).await.unwrap() else {
            panic!("{command:?}")
        };
        assert_eq!(shop.gateway.object_of(&call).await.unwrap(), Some(made), "{command:?}");
    }
}

#[tokio::test]
async fn an_object_is_found_on_a_later_page() {
    let shop = Shop::open().await;
    let call = shop.prepared(&new_customer());
    let SentCall::Done(made) = shop.gateway.send(&call, true).await.unwrap() else {
        panic!("it was refused")
    };
    for _ in 0..100 {
        shop.post("/v1/customers", &[("name", "Eve")]).await;
    }
    assert_eq!(shop.gateway.object_of(&call).await.unwrap(), Some(made));
}

#[tokio::test]
async fn a_call_that_makes_nothing_has_no_object() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let session = shop.session(&customer).await;
    let call = shop.prepared(&GatewayCommand::ExpireCheckoutSession { session });
    shop.gateway.send(&call, true).await.unwrap();
    assert_eq!(shop.gateway.object_of(&call).await.unwrap(), None);
}
