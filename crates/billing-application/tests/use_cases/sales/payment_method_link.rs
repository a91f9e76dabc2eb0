//! The link at which a payer enters another payment method.

use chrono::TimeDelta;

use crate::prelude::*;
use crate::testing::{Reply, Sales, administrator, app_id, running};

/// A shop with a live subscription.
async fn sold() -> Sales {
    let sales = Sales::known_at_stripe();
    sales.lock().stripe.subscriptions.push(running("sub_1", 10));
    sales.fetches("sub_1").await;
    sales
}

async fn link(sales: &Sales, key: Option<&str>) -> Result<PrivateAddress, Refused<SubscriptionError>> {
    let subscription_id = sales.lock().subscriptions[0].id;
    let request = CreatePaymentMethodLink { app_id: app_id(), subscription_id };
    let key = key.map(|key| RequestKey::parse(key).unwrap());
    sales.executor().create_payment_method_link(&administrator(), &request, key.as_ref()).await
}

#[tokio::test]
async fn a_link_is_made_anew_each_time_and_given_again_under_its_key() {
    let sales = sold().await;

    let first = link(&sales, Some("once")).await.unwrap();

    assert_eq!(link(&sales, Some("once")).await.unwrap(), first);
    assert_ne!(link(&sales, None).await.unwrap(), first);
    let shelf = sales.lock();
    let is_kept = |text: &str| text.contains("portal.example");
    assert!(!shelf.audited.iter().any(|entry| is_kept(&entry.change.after)));
    assert!(!shelf.calls.iter().any(|call| is_kept(&format!("{call:?}"))));
    let requested = shelf.audited.iter().filter(|it| it.change.event == "payment_method_link_requested");
    assert_eq!((shelf.calls.len(), requested.count()), (2, 2));
}

#[tokio::test]
async fn a_link_of_unknown_outcome_is_joined_and_then_given_up() {
    let sales = sold().await.replying("create_portal_session", Reply::Unknown);
    let unknown = link(&sales, None).await.unwrap_err();
    assert!(matches!(unknown, Refused::Rule(SubscriptionError::GatewayUnavailable)), "{unknown:?}");
    sales.lock().calls[0].prepared_at -= TimeDelta::minutes(2);

    link(&sales, None).await.unwrap();

    let outcomes: Vec<_> = sales.lock().calls.iter().map(|call| call.outcome.clone()).collect();
    assert!(
        matches!(&outcomes[..], [CallOutcome::Refused(_), CallOutcome::Done(_)]),
        "another one charges nobody: {outcomes:?}"
    );
}

#[tokio::test]
async fn an_ended_subscription_and_a_refusal_give_no_link() {
    let sales = sold().await.replying("create_portal_session", Reply::Refused);
    let refused = link(&sales, None).await.unwrap_err();
    assert!(matches!(refused, Refused::Rule(SubscriptionError::GatewayRefused(_))), "{refused:?}");
    sales.lock().subscriptions[0].state.status = SubscriptionStatus::Canceled;
    let refused = link(&sales, None).await.unwrap_err();
    assert!(matches!(refused, Refused::Rule(SubscriptionError::Ended)), "{refused:?}");
}
