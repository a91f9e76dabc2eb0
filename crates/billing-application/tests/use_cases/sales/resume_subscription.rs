//! A subscription that goes on although it was to end, as a person asks for it.

use crate::prelude::*;
use crate::testing::{Reply, Sales, administrator, app_id, running};

/// A shop with a live subscription.
async fn sold() -> Sales {
    let sales = Sales::known_at_stripe();
    sales.lock().stripe.subscriptions.push(running("sub_1", 10));
    sales.fetches("sub_1").await;
    sales
}

async fn cancel(sales: &Sales, at_period_end: bool) -> Result<Subscription, Refused<SubscriptionError>> {
    let subscription_id = sales.lock().subscriptions[0].id;
    let request = CancelSubscription { app_id: app_id(), subscription_id, at_period_end };
    sales.executor().cancel_subscription(&administrator(), &request, None).await
}

async fn resume(sales: &Sales) -> Result<Subscription, Refused<SubscriptionError>> {
    let subscription_id = sales.lock().subscriptions[0].id;
    let request = ResumeSubscription { app_id: app_id(), subscription_id };
    sales.executor().resume_subscription(&administrator(), &request, None).await
}

#[tokio::test]
async fn a_subscription_that_is_to_end_goes_on() {
    let sales = sold().await;
    assert!(cancel(&sales, true).await.unwrap().is_ending());

    for _ in 0..2 {
        assert!(!resume(&sales).await.unwrap().is_ending());
    }

    assert_eq!(sales.sent(), ["cancel_subscription", "resume_subscription"]);
    let (shelf, owner) = (sales.lock(), administrator());
    let by_owner = shelf.audited.iter().filter(|entry| entry.actor == *owner.actor());
    let requested: Vec<_> = by_owner.map(|entry| entry.change.event).collect();
    assert_eq!(requested, ["cancel_at_period_end_requested", "resume_requested"]);
}

#[tokio::test]
async fn an_end_at_a_moment_is_unset_otherwise_than_one_with_the_period() {
    for ends_with_period in [true, false] {
        let sales = sold().await;
        {
            let times = &mut sales.lock().subscriptions[0].state.times;
            (times.cancel_at, times.ends_with_period) = (Some(crate::testing::now()), ends_with_period);
        }

        resume(&sales).await.unwrap();

        let body = sales.lock().calls.last().unwrap().request.body.clone();
        assert!(body.contains(&format!("ends_with_period: {ends_with_period}")), "{body}");
    }
}

#[tokio::test]
async fn an_ended_subscription_does_not_go_on() {
    let sales = sold().await;
    cancel(&sales, false).await.unwrap();

    let refused = resume(&sales).await.unwrap_err();

    assert!(matches!(refused, Refused::Rule(SubscriptionError::Ended)), "{refused:?}");
    assert_eq!(sales.sent(), ["cancel_subscription"]);
}

#[tokio::test]
async fn a_refused_resumption_is_told() {
    let sales = sold().await.replying("resume_subscription", Reply::Refused);
    cancel(&sales, true).await.unwrap();

    let refused = resume(&sales).await.unwrap_err();

    assert!(matches!(refused, Refused::Rule(SubscriptionError::GatewayRefused(_))), "{refused:?}");
}

#[tokio::test]
async fn an_end_of_unknown_outcome_is_settled_before_the_subscription_goes_on() {
    let sales = sold().await.replying("cancel_subscription", Reply::Unknown);
    cancel(&sales, true).await.unwrap_err();

    assert!(!resume(&sales).await.unwrap().is_ending());

    let sent = ["cancel_subscription", "cancel_subscription", "resume_subscription"];
    assert_eq!(sales.sent(), sent, "an end that is carried out later would undo it");
}

#[tokio::test]
async fn a_resumption_of_unknown_outcome_is_settled_before_another_end() {
    let sales = sold().await.replying("resume_subscription", Reply::Unknown);
    cancel(&sales, true).await.unwrap();
    resume(&sales).await.unwrap_err();

    assert!(cancel(&sales, true).await.unwrap().is_ending());

    let sent = ["cancel_subscription", "resume_subscription", "resume_subscription", "cancel_subscription"];
    assert_eq!(sales.sent(), sent, "the mirror says that it ends, and it would go on");
}

#[tokio::test]
async fn a_change_is_not_made_while_an_earlier_one_is_not_settled() {
    let sales = sold().await.replying("cancel_subscription", Reply::Unknown);
    let sales = sales.replying("cancel_subscription", Reply::Unknown);
    cancel(&sales, true).await.unwrap_err();

    let refused = resume(&sales).await.unwrap_err();

    assert!(matches!(refused, Refused::Rule(SubscriptionError::EarlierUnsettled)), "{refused:?}");
    assert_eq!(sales.lock().calls.len(), 1);
}

#[tokio::test]
async fn a_mirror_from_before_the_latest_change_does_not_answer_for_it() {
    let sales = sold().await;
    cancel(&sales, true).await.unwrap();
    // Its fetch after the change failed.
    sales.lock().subscriptions[0].synced_at -= chrono::TimeDelta::minutes(1);
    sales.lock().subscriptions[0].state.times.cancel_at = None;

    resume(&sales).await.unwrap();

    assert_eq!(sales.sent(), ["cancel_subscription", "resume_subscription"]);
}
