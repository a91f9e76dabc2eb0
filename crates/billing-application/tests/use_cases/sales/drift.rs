//! What reconciliation mends.

use crate::prelude::*;
use crate::testing::{Sales, now, paid_invoice, running};

#[tokio::test]
async fn reconciliation_records_what_it_mends_and_a_webhook_does_not() {
    let sales = Sales::known_at_stripe();
    sales.lock().stripe.subscriptions.push(running("sub_1", 10));
    assert_eq!(sales.fetches("sub_1").await, Outcome::Synced);
    sales.lock().claims_in_background = true;
    assert_eq!(sales.fetches("sub_1").await, Outcome::Synced, "it is as Stripe has it");
    assert_eq!(sales.lock().drifts, []);

    sales.lock().stripe.subscriptions[0].status = SubscriptionStatus::PastDue;
    assert_eq!(sales.fetches("sub_1").await, Outcome::Mended);
    sales.lock().stripe.invoices.push(paid_invoice("in_1", "sub_1"));
    assert_eq!(sales.fetches("in_1").await, Outcome::Mended);

    let told = |drift: &Drift| {
        let fields = drift.differences.iter().map(|it| format!(" {} {} {}", it.field, it.before, it.after));
        format!("{} {}{}", drift.object, drift.kind, fields.collect::<String>())
    };
    let told: Vec<_> = sales.lock().drifts.iter().map(told).collect();
    assert_eq!(told, [r#"sub_1 changed status "active" "past_due""#, "in_1 missing"]);
}

#[tokio::test]
async fn what_a_webhook_tells_of_a_minute_later_at_most_is_no_drift() {
    let sales = Sales::known_at_stripe();
    sales.lock().stripe.subscriptions.push(running("sub_1", 10));
    sales.lock().stripe.invoices.push(paid_invoice("in_1", "sub_1"));
    sales.lock().claims_in_background = true;
    for id in ["sub_1", "in_1"] {
        assert_eq!(sales.fetches(id).await, Outcome::Mended);
    }
    sales.lock().drifts[1].found_at -= chrono::TimeDelta::minutes(1);
    sales.lock().claims_in_background = false;
    for id in ["sub_1", "in_1"] {
        assert_eq!(sales.fetches(id).await, Outcome::Synced);
    }

    let left: Vec<_> = sales.lock().drifts.iter().map(|drift| drift.object.to_string()).collect();
    assert_eq!(left, ["in_1"]);
}

#[tokio::test]
async fn the_end_of_a_discount_is_no_drift() {
    let discount =
        RecurringDiscount { off: DiscountOff::MinorUnits(250), starts_at: None, ends_at: Some(now()) };
    let currency = Currency::parse("USD").unwrap();
    let recurring = Recurring { currency, charges: Vec::new(), discounts: vec![discount] };
    let sales = Sales::known_at_stripe();
    let discounted = GatewaySubscription { recurring: Some(recurring.clone()), ..running("sub_1", 10) };
    sales.lock().stripe.subscriptions.push(discounted);
    assert_eq!(sales.fetches("sub_1").await, Outcome::Synced);
    sales.lock().claims_in_background = true;
    let ended = Recurring { discounts: Vec::new(), ..recurring };
    sales.lock().stripe.subscriptions[0].recurring = Some(ended.clone());
    assert_eq!(sales.fetches("sub_1").await, Outcome::Synced);
    assert_eq!(sales.lock().drifts, []);

    let charge =
        RecurringCharge { minor_units: 1_250, interval: RecurringInterval::Month, interval_count: 1 };
    sales.lock().stripe.subscriptions[0].recurring = Some(Recurring { charges: vec![charge], ..ended });
    assert_eq!(sales.fetches("sub_1").await, Outcome::Mended);
}
