//! The end of a subscription by a person.

use crate::prelude::*;
use crate::testing::{Reply, Sales, administrator, app_id, request_key, running, sync_of};

/// A shop with a live subscription.
async fn sold() -> Sales {
    let sales = Sales::known_at_stripe();
    sales.lock().stripe.subscriptions.push(running("sub_1", 10));
    sales.fetches("sub_1").await;
    sales
}

async fn cancel(sales: &Sales) -> Result<Subscription, Refused<SubscriptionError>> {
    let subscription_id = sales.lock().subscriptions[0].id;
    let request = CancelSubscription { app_id: app_id(), subscription_id, at_period_end: false };
    sales.executor().cancel_subscription(&administrator(), &request, Some(&request_key())).await
}

#[tokio::test]
async fn a_subscription_is_ended_once() {
    let sales = sold().await;

    for _ in 0..2 {
        assert_eq!(cancel(&sales).await.unwrap().state.status, SubscriptionStatus::Canceled);
    }

    assert_eq!(sales.sent(), ["cancel_subscription"]);
}

#[tokio::test(start_paused = true)]
async fn an_end_is_shown_while_a_dead_worker_holds_the_mirror() {
    let sales = sold().await;
    sales.lock().held.push(sync_of("sub_1"));

    assert_eq!(cancel(&sales).await.unwrap().state.status, SubscriptionStatus::Canceled);
}

#[tokio::test]
async fn an_ended_subscription_needs_no_call() {
    let sales = sold().await;
    sales.lock().subscriptions[0].state.status = SubscriptionStatus::Canceled;

    cancel(&sales).await.unwrap();

    assert!(sales.sent().is_empty());
}

#[tokio::test]
async fn a_refused_end_of_a_live_subscription_is_told() {
    let sales = sold().await.replying("cancel_subscription", Reply::Refused);

    let refused = cancel(&sales).await.unwrap_err();

    assert!(matches!(refused, Refused::Rule(SubscriptionError::GatewayRefused(_))), "{refused:?}");
    assert_eq!(sales.statuses(), [SubscriptionStatus::Active]);
}

#[tokio::test]
async fn an_end_of_unknown_outcome_is_resumed_under_its_key() {
    let sales = sold().await.replying("cancel_subscription", Reply::Unknown);

    let unknown = cancel(&sales).await.unwrap_err();
    assert!(matches!(unknown, Refused::Rule(SubscriptionError::GatewayUnavailable)), "{unknown:?}");
    cancel(&sales).await.unwrap();

    let keys = sales.keys_of("cancel_subscription");
    assert_eq!((keys.len(), &keys[0]), (2, &keys[1]));
}

#[tokio::test]
async fn an_end_that_was_carried_out_is_not_repeated_after_the_subscription_goes_on() {
    let sales = sold().await;
    cancel(&sales).await.unwrap();
    // Resumed at Stripe.
    sales.lock().stripe.subscriptions[0].status = SubscriptionStatus::Active;
    sales.lock().subscriptions[0].state.status = SubscriptionStatus::Active;

    cancel(&sales).await.unwrap();

    assert_eq!(sales.sent(), ["cancel_subscription"]);
}
