use billing_domain::{
    GatewayCommand, StripeSubscriptionId,
    ports::{GatewayCalls, GatewayReads, SentCall},
};

use crate::shop::{HOUR, NEW_YEAR, Shop, id, new_customer, new_price, new_product, new_session, part};

#[tokio::test]
async fn everything_that_is_made_is_found_by_its_call() {
    let shop = Shop::open().await;
    let (customer, price) = (shop.customer().await, shop.price().await);
    let product = shop.done(&new_product()).await;
    let subscription = shop.sold(&customer).await;
    let subscription = StripeSubscriptionId::parse(subscription.as_str()).unwrap();
    let mut paid = shop.gateway.unrefunded_payments(&shop.account, &subscription).await.unwrap();
    for command in [
        new_customer(),
        new_product(),
        new_price(&product, 900, "EUR"),
        new_session(&customer, &price),
        part(paid.last().unwrap(), 500),
        GatewayCommand::Refund { payment_intent: paid.pop().unwrap() },
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
async fn a_change_is_known_by_the_state_of_its_object() {
    let shop = Shop::open().await;
    let (customer, product) = (shop.customer().await, shop.done(&new_product()).await);
    let price = shop.price().await;
    let session = shop.session(&customer).await;
    let (ending, ended) = (shop.sold(&customer).await, shop.sold(&shop.customer().await).await);
    for (command, object) in [
        (GatewayCommand::ExpireCheckoutSession { session: session.clone() }, session),
        (GatewayCommand::CancelAtPeriodEnd { subscription: ending.clone() }, ending.clone()),
        (
            GatewayCommand::ResumeSubscription { subscription: ending.clone(), ends_with_period: true },
            ending.clone(),
        ),
        (GatewayCommand::ArchivePrice { price: price.clone() }, price),
        (GatewayCommand::CancelSubscription { subscription: ended.clone() }, ended),
        (
            GatewayCommand::UpdateProduct {
                product: product.clone(),
                name: "A & B".to_owned(),
                active: false,
            },
            product,
        ),
    ] {
        let call = shop.prepared(&command);
        assert_eq!(shop.gateway.object_of(&call).await.unwrap(), None, "{command:?}");
        shop.done(&command).await;
        assert_eq!(shop.gateway.object_of(&call).await.unwrap(), Some(object), "{command:?}");
    }
}

#[tokio::test]
async fn an_end_at_a_moment_is_unset() {
    let shop = Shop::open().await;
    let subscription = shop.sold(&shop.customer().await).await;
    let moment = (NEW_YEAR + 90 * 24 * HOUR).to_string();
    shop.post(&format!("/v1/subscriptions/{subscription}"), &[("cancel_at", &moment)]).await;
    let of = StripeSubscriptionId::parse(subscription.as_str()).unwrap();
    let read = async || shop.gateway.subscription(&shop.account, &of).await.unwrap().unwrap().times;
    let times = read().await;
    assert!(times.cancel_at.is_some() && !times.ends_with_period);

    shop.done(&GatewayCommand::ResumeSubscription { subscription, ends_with_period: false }).await;

    assert_eq!(read().await.cancel_at, None);
}

#[tokio::test]
async fn a_session_that_was_paid_needs_no_end() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    shop.sold(&customer).await;
    let sessions = shop.get(&format!("/v1/checkout/sessions?customer={customer}")).await;
    let session = id(sessions["data"][0]["id"].as_str().unwrap());
    let end = shop.prepared(&GatewayCommand::ExpireCheckoutSession { session: session.clone() });
    assert_eq!(shop.gateway.object_of(&end).await.unwrap(), Some(session));
}

#[tokio::test]
async fn a_subscription_that_has_ended_needs_no_end_of_its_period() {
    let shop = Shop::open().await;
    let subscription = shop.sold(&shop.customer().await).await;
    let at_end = shop.prepared(&GatewayCommand::CancelAtPeriodEnd { subscription: subscription.clone() });
    shop.done(&GatewayCommand::CancelSubscription { subscription: subscription.clone() }).await;
    assert_eq!(shop.gateway.object_of(&at_end).await.unwrap(), Some(subscription));
}

#[tokio::test]
async fn a_change_of_an_object_that_is_gone_was_not_carried_out() {
    let shop = Shop::open().await;
    let cancel = GatewayCommand::CancelSubscription { subscription: id("sub_missing") };
    assert_eq!(shop.gateway.object_of(&shop.prepared(&cancel)).await.unwrap(), None);
}
