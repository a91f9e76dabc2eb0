//! A key of the other mode than its account is used in: it knows nothing of what was sold.

use crate::prelude::*;
use crate::testing::{Sales, administrator, enabled, running};

fn mixed() -> GatewayError {
    GatewayError::MixedModes("acct_1 was used in live mode".to_owned())
}

/// A shop with a live subscription, whose live key was replaced by a test key.
async fn with_test_key() -> Sales {
    let sales = Sales::known_at_stripe();
    sales.lock().stripe.subscriptions.push(running("sub_1", 10));
    assert_eq!(sales.fetches("sub_1").await, Outcome::Synced);
    sales.lock().stripe.subscriptions.clear();
    sales.lock().stripe.read_failure = Some(mixed);
    sales
}

#[tokio::test]
async fn billing_stays_on_while_the_key_is_of_the_other_mode() {
    let sales = with_test_key().await;
    // Not even the mirror knows what is sold.
    sales.lock().subscriptions.clear();

    let refused = sales.executor().disable_billing(&administrator()).await.unwrap_err();

    assert!(matches!(refused, Refused::Rule(DisableBillingError::GatewayUnavailable)), "{refused:?}");
    assert_eq!(sales.lock().switch, enabled());
    assert!(Reads::new(sales.ports()).preflight_disable(administrator().workspace_id()).await.is_err());
}

#[tokio::test]
async fn a_fetch_with_a_key_of_the_other_mode_waits_and_ends_no_mirror() {
    let sales = with_test_key().await;

    assert_eq!(sales.fetches("sub_1").await, Outcome::Outage);
    for _ in 0..20 {
        assert_eq!(sales.works().await, Outcome::Outage);
    }

    assert_eq!(sales.statuses(), [SubscriptionStatus::Active]);
    assert!(sales.lock().failed.is_empty(), "nothing was set aside");
    sales.lock().stripe.read_failure = None;
    sales.lock().stripe.subscriptions.push(running("sub_1", 10));
    assert_eq!(sales.works().await, Outcome::Synced, "the live key is back");
    assert_eq!(sales.statuses(), [SubscriptionStatus::Active]);
}
