//! Calls of unknown outcome that Stripe has forgotten the keys of.

use chrono::TimeDelta;

use crate::prelude::*;
use crate::testing::{Reply, Sales, administrator, app_id, running, stripe_id};

/// A shop with a live subscription, whose end was asked for a day ago. The answer was lost.
async fn asked_a_day_ago() -> Sales {
    let sales = Sales::known_at_stripe().replying("cancel_subscription", Reply::Unknown);
    sales.lock().stripe.subscriptions.push(running("sub_1", 10));
    sales.fetches("sub_1").await;
    cancel(&sales).await.unwrap_err();
    sales.lock().calls[0].prepared_at -= TimeDelta::hours(24);
    sales
}

async fn cancel(sales: &Sales) -> Result<Subscription, Refused<SubscriptionError>> {
    let subscription_id = sales.lock().subscriptions[0].id;
    let request = CancelSubscription { app_id: app_id(), subscription_id, at_period_end: false };
    sales.executor().cancel_subscription(&administrator(), &request, None).await
}

fn is_given_up(sales: &Sales) -> bool {
    sales.audited().contains(&("stripe_call", "given_up"))
}

#[tokio::test]
async fn an_old_end_that_was_carried_out_is_done() {
    let sales = asked_a_day_ago().await;
    sales.lock().stripe.object_of_old_call = Some(stripe_id("sub_1"));

    assert_eq!(sales.works().await, Outcome::Settled);

    let outcome = sales.lock().calls[0].outcome.clone();
    assert_eq!(outcome, CallOutcome::Done(stripe_id("sub_1")));
    assert!(!is_given_up(&sales));
}

#[tokio::test]
async fn an_old_end_that_was_not_carried_out_is_given_up_and_audited() {
    let sales = asked_a_day_ago().await;

    assert_eq!(sales.works().await, Outcome::Settled);

    assert!(matches!(sales.lock().calls[0].outcome, CallOutcome::Refused(_)) && is_given_up(&sales));
    assert_eq!(sales.sent().len(), 1, "it is not sent again");
    let stale = sales.lock().work[0].0.key.clone();
    assert_eq!(stale, "acct_shop/sub_1");
}

#[tokio::test]
async fn an_end_that_was_given_up_may_be_asked_for_anew() {
    let sales = asked_a_day_ago().await;
    sales.works().await;

    assert_eq!(cancel(&sales).await.unwrap().state.status, SubscriptionStatus::Canceled);

    let keys = sales.keys_of("cancel_subscription");
    assert_ne!(keys[0], keys[1]);
}

#[tokio::test]
async fn a_refund_that_was_given_up_is_made_again() {
    let sales = Sales::known_at_stripe().replying("refund_duplicate", Reply::Unknown);
    sales.lock().stripe.subscriptions.push(running("sub_1", 10));
    sales.fetches("sub_1").await;
    sales.lock().stripe.subscriptions.push(running("sub_2", 20));
    sales.lock().stripe.unrefunded.push(("sub_2", stripe_id("pi_2")));
    sales.fetches("sub_2").await;
    while sales.keys_of("refund_duplicate").is_empty() {
        sales.works().await;
    }
    sales.lock().calls[1].prepared_at -= TimeDelta::hours(24);
    while !sales.lock().work.is_empty() {
        sales.works().await;
    }

    sales.fetches("sub_2").await;
    while !sales.lock().work.is_empty() {
        sales.works().await;
    }

    let keys = sales.keys_of("refund_duplicate");
    assert_eq!(keys.len(), 2);
    assert_ne!(keys[0], keys[1]);
}

#[tokio::test]
async fn a_session_that_was_not_made_before_its_expiry_frees_its_payer() {
    let sales = Sales::known_at_stripe().replying("create_checkout_session", Reply::Unknown);
    sales.checkout().await.unwrap_err();
    sales.lock().calls[0].prepared_at -= TimeDelta::minutes(91);

    assert_eq!(sales.works().await, Outcome::Settled);

    assert_eq!(sales.intent_states(), [CheckoutIntentState::Refused]);
}

#[tokio::test]
async fn a_price_that_stripe_fails_to_make_is_made_anew_after_a_while() {
    let sales = Sales::open().replying("create_price", Reply::Unknown);
    sales.checkout().await.unwrap_err();
    let age = |minutes| {
        for call in &mut sales.lock().calls {
            call.prepared_at -= TimeDelta::minutes(minutes);
        }
    };
    age(44);
    // An attempt may still be on its way.
    let unknown = sales.checkout().await.unwrap_err();
    assert!(matches!(unknown, Refused::Rule(CheckoutError::GatewayUnavailable)), "{unknown:?}");
    age(1);

    // What is told first is that of the call that was given up.
    sales.checkout().await.unwrap_err();
    sales.checkout().await.unwrap();

    let keys = sales.keys_of("create_price");
    assert_eq!(keys.len(), 2);
    assert_ne!(keys[0], keys[1]);
}
