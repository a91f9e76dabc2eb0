//! What reconciliation mends.

use crate::prelude::*;
use crate::testing::{Sales, paid_invoice, running};

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
