//! The end of a trial, as a person moves it.

use chrono::TimeDelta;

use crate::prelude::*;
use crate::testing::{Reply, Sales, administrator, app_id, now, running, stripe_id};

/// A shop with a subscription whose trial ends in a week.
async fn tried() -> Sales {
    let sales = Sales::known_at_stripe();
    let mut trial = GatewaySubscription { status: SubscriptionStatus::Trialing, ..running("sub_1", 10) };
    trial.times.trial_end = Some(in_days(7));
    sales.lock().stripe.subscriptions.push(trial);
    sales.fetches("sub_1").await;
    sales
}

fn in_days(days: i64) -> Timestamp {
    now() + TimeDelta::days(days)
}

async fn change(sales: &Sales, ends: TrialEnd) -> Result<Subscription, Refused<SubscriptionError>> {
    let subscription_id = sales.lock().subscriptions[0].id;
    let request = ChangeTrial { app_id: app_id(), subscription_id, ends };
    sales.executor().change_trial(&administrator(), &request, None).await
}

async fn cancel(sales: &Sales, at_period_end: bool) -> Result<Subscription, Refused<SubscriptionError>> {
    let subscription_id = sales.lock().subscriptions[0].id;
    let request = CancelSubscription { app_id: app_id(), subscription_id, at_period_end };
    sales.executor().cancel_subscription(&administrator(), &request, None).await
}

#[tokio::test]
async fn a_trial_is_extended_once_and_then_ended() {
    let sales = tried().await;
    for _ in 0..2 {
        let extended = change(&sales, TrialEnd::at(in_days(30))).await.unwrap();
        assert_eq!(extended.state.times.trial_end, Some(in_days(30)));
    }

    let ended = change(&sales, TrialEnd::Now).await.unwrap();

    assert_eq!(ended.state.status, SubscriptionStatus::Active);
    assert_eq!(sales.sent(), ["set_trial_end", "set_trial_end"]);
    let (shelf, owner) = (sales.lock(), administrator());
    let by_owner = shelf.audited.iter().filter(|entry| entry.actor == *owner.actor());
    let requested: Vec<_> = by_owner.map(|entry| entry.change.event).collect();
    assert_eq!(requested, ["change_trial_requested", "end_trial_requested"]);
}

#[tokio::test]
async fn a_subscription_that_is_in_no_trial_is_left_alone() {
    let sales = tried().await;
    sales.lock().subscriptions[0].state.status = SubscriptionStatus::Active;
    for ends in [TrialEnd::Now, TrialEnd::at(in_days(30))] {
        let refused = change(&sales, ends).await.unwrap_err();
        assert!(matches!(refused, Refused::Rule(SubscriptionError::NotTrialing)), "{refused:?}");
    }
    {
        let state = &mut sales.lock().subscriptions[0].state;
        (state.status, state.times.trial_end) = (SubscriptionStatus::Trialing, Some(now()));
    }
    let over = change(&sales, TrialEnd::at(in_days(30))).await.unwrap_err();
    assert!(matches!(over, Refused::Rule(SubscriptionError::NotTrialing)), "{over:?}");
    sales.lock().subscriptions[0].state.status = SubscriptionStatus::Canceled;
    let refused = change(&sales, TrialEnd::Now).await.unwrap_err();
    assert!(matches!(refused, Refused::Rule(SubscriptionError::Ended)), "{refused:?}");
    assert!(sales.sent().is_empty());
}

#[tokio::test]
async fn a_trial_does_not_end_in_the_past_nor_after_two_years() {
    let sales = tried().await;
    for (days, rule) in [(-1, InvalidTrialEnd::Past), (731, InvalidTrialEnd::TooFar)] {
        let refused = change(&sales, TrialEnd::at(in_days(days))).await.unwrap_err();
        let Refused::Rule(SubscriptionError::TrialEnd(broken)) = refused else { panic!("{refused:?}") };
        assert_eq!(broken, rule);
    }
    assert!(sales.sent().is_empty());
}

#[tokio::test]
async fn a_trial_that_was_ended_is_not_extended_from_a_stale_mirror() {
    let sales = tried().await;
    change(&sales, TrialEnd::Now).await.unwrap();
    // Its fetch after the change failed.
    sales.lock().subscriptions[0].synced_at -= TimeDelta::minutes(1);
    sales.lock().subscriptions[0].state.status = SubscriptionStatus::Trialing;

    let refused = change(&sales, TrialEnd::at(in_days(30))).await.unwrap_err();

    assert!(matches!(refused, Refused::Rule(SubscriptionError::EarlierUnsettled)), "{refused:?}");
    assert_eq!(sales.sent(), ["set_trial_end"]);
}

#[tokio::test]
async fn an_end_of_unknown_outcome_is_settled_before_an_extension() {
    let sales = tried().await.replying("set_trial_end", Reply::Unknown);
    change(&sales, TrialEnd::Now).await.unwrap_err();

    let refused = change(&sales, TrialEnd::at(in_days(30))).await.unwrap_err();

    assert!(matches!(refused, Refused::Rule(SubscriptionError::NotTrialing)), "{refused:?}");
    let keys = sales.keys_of("set_trial_end");
    assert_eq!((keys.len(), &keys[0]), (2, &keys[1]), "it charges, and is repeated under its key");
}

#[tokio::test]
async fn a_cancellation_at_the_periods_end_waits_for_the_trial_and_one_now_does_not() {
    for (at_period_end, sent) in [
        (true, ["set_trial_end", "set_trial_end", "cancel_subscription"].as_slice()),
        (false, ["set_trial_end", "cancel_subscription"].as_slice()),
    ] {
        let sales = tried().await.replying("set_trial_end", Reply::Unknown);
        change(&sales, TrialEnd::Now).await.unwrap_err();

        cancel(&sales, at_period_end).await.unwrap();

        assert_eq!(sales.sent(), sent);
    }
}

#[tokio::test]
async fn an_end_of_a_trial_is_not_sent_again_after_ten_minutes_but_looked_for() {
    let sales = tried().await.replying("set_trial_end", Reply::Unknown);
    change(&sales, TrialEnd::Now).await.unwrap_err();
    let age = |minutes| sales.lock().calls[0].prepared_at -= TimeDelta::minutes(minutes);
    age(10);
    let unknown = change(&sales, TrialEnd::Now).await.unwrap_err();
    assert!(matches!(unknown, Refused::Rule(SubscriptionError::GatewayUnavailable)), "{unknown:?}");

    sales.lock().stripe.object_of_old_call = Some(stripe_id("sub_1"));
    change(&sales, TrialEnd::Now).await.unwrap();

    assert_eq!(sales.sent(), ["set_trial_end"]);
    assert_eq!(sales.lock().calls[0].outcome, CallOutcome::Done(stripe_id("sub_1")));
}
