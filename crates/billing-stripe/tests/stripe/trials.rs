//! The end of a trial, moved and reached.

use billing_domain::{
    GatewayCommand, GatewaySubscription, StripeId, StripeSubscriptionId, SubscriptionStatus, Timestamp,
    TrialEnd,
    ports::{GatewayCalls, GatewayReads, SentCall},
};
use serde_json::json;

use crate::shop::{HOUR, NEW_YEAR, Shop};

const DAY: i64 = 24 * HOUR;

impl Shop {
    /// A subscription that is tried for a week.
    async fn tried(&self) -> StripeId {
        let subscription = self.sold(&self.customer().await).await;
        let week = (NEW_YEAR + 7 * DAY).to_string();
        let trial = [("trial_end", week.as_str()), ("proration_behavior", "none")];
        self.post(&format!("/v1/subscriptions/{subscription}"), &trial).await;
        subscription
    }

    async fn seen(&self, subscription: &StripeId) -> GatewaySubscription {
        let id = StripeSubscriptionId::parse(subscription.as_str()).unwrap();
        self.gateway.subscription(&self.account, &id).await.unwrap().unwrap()
    }

    /// The paid sums of the subscription's invoices that charged something.
    async fn charged(&self, subscription: &StripeId) -> Vec<i64> {
        let invoices = self.get(&format!("/v1/invoices?subscription={subscription}")).await;
        let paid = invoices["data"].as_array().unwrap().iter().map(|it| it["amount_paid"].as_i64().unwrap());
        paid.filter(|amount| *amount != 0).collect()
    }
}

fn on_day(day: i64) -> Timestamp {
    Timestamp::from_timestamp(NEW_YEAR + day * DAY, 0).unwrap()
}

fn ends(subscription: &StripeId, ends: TrialEnd) -> GatewayCommand {
    GatewayCommand::SetTrialEnd { subscription: subscription.clone(), ends }
}

#[tokio::test]
async fn a_trial_is_extended_for_nothing_and_charged_once_at_its_end() {
    let shop = Shop::open().await;
    let tried = shop.tried().await;
    let before = shop.charged(&tried).await;
    let extension = ends(&tried, TrialEnd::at(on_day(30)));
    let call = shop.prepared(&extension);
    assert_eq!(shop.gateway.object_of(&call).await.unwrap(), None);

    shop.done(&extension).await;

    assert_eq!(shop.gateway.object_of(&call).await.unwrap(), Some(tried.clone()));
    let seen = shop.seen(&tried).await;
    assert_eq!((seen.status, seen.times.trial_end), (SubscriptionStatus::Trialing, Some(on_day(30))));
    assert_eq!(shop.charged(&tried).await, before);

    let now = ends(&tried, TrialEnd::Now);
    let call = shop.prepared(&now);
    assert_eq!(shop.gateway.object_of(&call).await.unwrap(), None);
    // The second is another person's, who saw a trial too.
    for _ in 0..2 {
        shop.done(&now).await;
    }
    assert_eq!(shop.gateway.object_of(&call).await.unwrap(), Some(tried.clone()));
    assert_eq!(shop.seen(&tried).await.status, SubscriptionStatus::Active);
    assert_eq!(shop.charged(&tried).await.len(), before.len() + 1);
}

/// The payer canceled at Stripe before the end was sent.
#[tokio::test]
async fn the_trial_of_a_subscription_that_is_to_end_is_not_ended() {
    let shop = Shop::open().await;
    let tried = shop.tried().await;
    let end = shop.prepared(&ends(&tried, TrialEnd::Now));
    shop.done(&GatewayCommand::CancelAtPeriodEnd { subscription: tried.clone() }).await;
    let before = shop.charged(&tried).await;

    let sent = shop.gateway.send(&end, true).await.unwrap();

    assert!(matches!(sent, SentCall::Refused { missing: None, .. }), "{sent:?}");
    assert_eq!(shop.seen(&tried).await.status, SubscriptionStatus::Trialing);
    assert_eq!(shop.charged(&tried).await, before);
}

/// The trial ended and was charged before the extension was sent.
#[tokio::test]
async fn an_extension_that_comes_too_late_is_refused() {
    let shop = Shop::open().await;
    let tried = shop.tried().await;
    let extension = shop.prepared(&ends(&tried, TrialEnd::at(on_day(9))));
    shop.control("clock", &json!({ "advanceSeconds": 8 * DAY })).await;
    let paid = shop.charged(&tried).await;

    let sent = shop.gateway.send(&extension, true).await.unwrap();

    assert!(matches!(sent, SentCall::Refused { missing: None, .. }), "{sent:?}");
    assert_eq!(shop.seen(&tried).await.status, SubscriptionStatus::Active);
    assert_eq!(shop.charged(&tried).await, paid);
}
