//! The payments for a payer's second subscription, which are given back.

use super::sync::{sold, sold_twice};
use crate::prelude::*;
use crate::testing::{Reply, Sales, administrator, running, stripe_id};

/// Stripe made the refund, and the bank refused it days later.
#[tokio::test]
async fn a_refund_of_a_duplicate_that_fails_later_is_made_again() {
    let sales = sold_twice(Some("pi_2")).await;
    sales.lock().stripe.unrefunded.push(("sub_2", stripe_id("pi_2")));
    for call in &mut sales.lock().calls {
        call.prepared_at -= chrono::TimeDelta::days(2);
    }

    sales.fetches("sub_2").await;
    while !sales.lock().work.is_empty() {
        sales.works().await;
    }

    assert_eq!(sales.keys_of("refund_duplicate").len(), 2);
}

#[tokio::test]
async fn every_payment_for_a_duplicate_is_given_back() {
    let sales = sold(running("sub_1", 10)).await;
    sales.lock().stripe.subscriptions.push(running("sub_2", 20));
    sales.lock().stripe.unrefunded.extend(["pi_2", "pi_3"].map(|id| ("sub_2", stripe_id(id))));
    sales.fetches("sub_2").await;
    while !sales.lock().work.is_empty() {
        sales.works().await;
    }

    assert_eq!(sales.keys_of("refund_duplicate").len(), 2);
    assert!(sales.lock().stripe.unrefunded.is_empty());
}

#[tokio::test]
async fn a_duplicate_never_counted_as_revenue() {
    let sales = sold(running("sub_1", 10)).await;
    let charge =
        RecurringCharge { minor_units: 1_250, interval: RecurringInterval::Month, interval_count: 1 };
    let currency = Currency::parse("USD").unwrap();
    let recurring = Some(Recurring { currency, charges: vec![charge], discounts: Vec::new() });
    sales.lock().stripe.subscriptions.push(GatewaySubscription { recurring, ..running("sub_2", 20) });
    sales.fetches("sub_2").await;
    assert_eq!(sales.lock().revenue.changes().len(), 1, "it is not ended yet");
    while !sales.lock().work.is_empty() {
        sales.works().await;
    }

    assert_eq!(sales.lock().revenue, RevenueHistory::default());
}

/// A refund charges nobody, whatever its outcome.
#[tokio::test]
async fn a_refund_of_unknown_outcome_does_not_keep_billing_on() {
    let sales = Sales::known_at_stripe().replying("refund_duplicate", Reply::Unknown);
    sales.lock().stripe.subscriptions.push(running("sub_1", 10));
    sales.fetches("sub_1").await;
    sales.lock().stripe.subscriptions.push(running("sub_2", 20));
    sales.lock().stripe.unrefunded.push(("sub_2", stripe_id("pi_2")));
    sales.fetches("sub_2").await;
    while sales.keys_of("refund_duplicate").is_empty() {
        sales.works().await;
    }
    sales.lock().stripe.subscriptions[0].status = SubscriptionStatus::Canceled;
    sales.fetches("sub_1").await;
    let sales = sales.replying("refund_duplicate", Reply::Unknown);

    let disabled = sales.executor().disable_billing(&administrator()).await.unwrap();

    assert_eq!((disabled, sales.keys_of("refund_duplicate").len()), (BillingSwitch::Disabled, 2));
    assert!(sales.lock().calls.iter().any(GatewayCall::is_unresolved));
}

#[tokio::test]
async fn a_refused_refund_of_a_duplicate_is_audited_and_tried_again_a_day_later() {
    let sales = Sales::known_at_stripe().replying("refund_duplicate", Reply::Refused);
    sales.lock().stripe.subscriptions.extend([running("sub_1", 10), running("sub_2", 20)]);
    sales.lock().stripe.unrefunded.push(("sub_2", stripe_id("pi_2")));
    for id in ["sub_1", "sub_2"] {
        sales.fetches(id).await;
        while !sales.lock().work.is_empty() {
            sales.works().await;
        }
    }
    assert!(sales.audited().contains(&("stripe_call", "refused")), "{:?}", sales.audited());

    sales.fetches("sub_2").await;
    assert_eq!(sales.keys_of("refund_duplicate").len(), 1);

    for call in &mut sales.lock().calls {
        call.prepared_at -= chrono::TimeDelta::days(1);
    }
    sales.fetches("sub_2").await;
    while !sales.lock().work.is_empty() {
        sales.works().await;
    }
    assert_eq!(sales.keys_of("refund_duplicate").len(), 2);
}

#[tokio::test]
async fn a_payment_for_a_subscription_whose_end_was_refused_is_not_given_back() {
    let sales = sold(running("sub_1", 10)).await.replying("cancel_duplicate", Reply::Refused);
    sales.lock().stripe.subscriptions.push(running("sub_2", 20));
    sales.lock().stripe.unrefunded.push(("sub_2", stripe_id("pi_2")));
    sales.fetches("sub_2").await;
    while !sales.lock().work.is_empty() {
        sales.works().await;
    }
    sales.lock().stripe.subscriptions[0].status = SubscriptionStatus::Canceled;
    sales.fetches("sub_1").await;

    sales.fetches("sub_2").await;

    assert_eq!(sales.sent(), ["cancel_duplicate"]);
}
