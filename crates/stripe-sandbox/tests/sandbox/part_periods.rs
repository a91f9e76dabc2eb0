//! Periods that are shorter than a whole one, and what waits when they end.

use serde_json::{Value, json};

use crate::{NEW_YEAR, client::Client, sandbox, subscriber::Subscriber};

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;
const FEB_1: i64 = NEW_YEAR + 31 * DAY;

/// To a price of 1.00 for each of the 31 days of January.
async fn subscribed(client: &Client, more: &[(&str, &str)]) -> Subscriber {
    let price = client.monthly_price("Pro", "usd", 3100).await;
    let mut subscriber = Subscriber::new(client).await;
    subscriber.subscribe(&price, more).await;
    subscriber
}

fn day(days: i64) -> String {
    (NEW_YEAR + days * DAY).to_string()
}

#[tokio::test]
async fn an_anchor_bills_the_part_of_a_period_before_it_or_nothing_when_so_asked() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let anchor = day(10);
    let billed = subscribed(&client, &[("billing_cycle_anchor", &anchor)]).await;
    let free =
        subscribed(&client, &[("billing_cycle_anchor", &anchor), ("proration_behavior", "none")]).await;
    billed.is("active", NEW_YEAR, NEW_YEAR + 10 * DAY).await;
    client.advance_to(NEW_YEAR + 11 * DAY).await;
    // The whole period is from 11 December, which has 31 days as well.
    assert_eq!(billed.totals().await, [1000, 3100]);
    assert_eq!(free.totals().await, [0, 3100]);
    billed.is("active", NEW_YEAR + 10 * DAY, NEW_YEAR + 41 * DAY).await;
}

#[tokio::test]
async fn an_anchor_after_a_trial_bills_what_is_between_them() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let subscriber =
        subscribed(&client, &[("trial_end", &day(20)), ("billing_cycle_anchor", &day(31))]).await;
    client.advance_to(FEB_1 - 1).await;
    subscriber.is("active", NEW_YEAR + 20 * DAY, FEB_1).await;
    assert_eq!(subscriber.totals().await, [0, 1100]);
}

#[tokio::test]
async fn an_end_within_the_period_credits_what_is_left_unless_told_not_to() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let (credited, kept) = (subscribed(&client, &[]).await, subscribed(&client, &[]).await);
    let end = day(10);
    credited.update(&[("cancel_at", &end)]).await;
    kept.update(&[("cancel_at", &end), ("proration_behavior", "none")]).await;
    client.advance_to(NEW_YEAR + 10 * DAY).await;
    credited.stands("canceled").await;
    assert_eq!((credited.totals().await, credited.balance().await), (vec![3100, -2100], -2100));
    assert_eq!((kept.totals().await, kept.balance().await), (vec![3100], 0));
}

#[tokio::test]
async fn a_period_that_an_end_cuts_short_costs_its_part() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    // 14 of the 28 days of February.
    let subscriber = subscribed(&client, &[("cancel_at", &day(31 + 14))]).await;
    client.advance_to(FEB_1 + 20 * DAY).await;
    subscriber.stands("canceled").await;
    assert_eq!(subscriber.totals().await, [3100, 1550]);
}

#[tokio::test]
async fn what_waits_when_a_subscription_ends_is_billed_once_more() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let subscriber = subscribed(&client, &[]).await;
    let dear = client.monthly_price("Dear", "usd", 6200).await;
    client.advance_to(NEW_YEAR + 10 * DAY).await;
    subscriber.change_to(&dear, &[("cancel_at_period_end", "true")]).await;
    client.advance_to(FEB_1 + DAY).await;
    subscriber.stands("canceled").await;
    assert_eq!(subscriber.totals().await, [3100, 2100]);
    assert_eq!(subscriber.last_invoice().await["status"], "paid");
}

#[tokio::test]
async fn the_credit_of_a_subscription_that_was_ended_waits_for_an_invoice_made_by_hand() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let subscriber = subscribed(&client, &[]).await;
    client.advance_to(NEW_YEAR + 10 * DAY).await;
    let path = format!("/v1/subscriptions/{}?prorate=true", subscriber.subscription);
    client.delete(&path).await.ok();
    assert_eq!(subscriber.pending().await, [-2100]);
    let form = [("customer", subscriber.customer.as_str()), ("pending_invoice_items_behavior", "include")];
    assert_eq!(client.post("/v1/invoices", &form).await.ok()["total"], -2100);
}

#[tokio::test]
async fn a_trial_in_paid_time_gives_back_what_is_left_of_it() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let trial = day(20);
    let (credited, kept) = (subscribed(&client, &[]).await, subscribed(&client, &[]).await);
    client.advance_to(NEW_YEAR + 10 * DAY).await;
    credited.update(&[("trial_end", &trial)]).await;
    kept.update(&[("trial_end", &trial), ("proration_behavior", "none")]).await;
    credited.is("trialing", NEW_YEAR + 10 * DAY, NEW_YEAR + 20 * DAY).await;
    assert_eq!((credited.pending().await, kept.pending().await), (vec![-2100], vec![]));
    client.advance_to(NEW_YEAR + 21 * DAY).await;
    assert_eq!(credited.totals().await, [3100, 1000]);
}

#[tokio::test]
async fn ending_a_trial_that_there_is_not_lets_no_change_go_unbilled() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let subscriber = subscribed(&client, &[]).await;
    let dear = client.monthly_price("Dear", "usd", 6200).await;
    client.advance_to(NEW_YEAR + 10 * DAY).await;
    subscriber.change_to(&dear, &[("trial_end", "now"), ("proration_behavior", "always_invoice")]).await;
    assert_eq!(subscriber.totals().await, [3100, 2100]);
}

#[tokio::test]
async fn what_is_too_little_to_be_charged_is_carried_to_the_next_invoice() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let price = client.monthly_price("Cheap", "usd", 30).await;
    let mut subscriber = Subscriber::new(&client).await;
    subscriber.subscribe(&price, &[]).await;
    let first = subscriber.last_invoice().await;
    assert_eq!(
        (&first["status"], &first["amount_due"], &first["ending_balance"]),
        (&json!("paid"), &json!(0), &json!(30))
    );
    client.advance_to(FEB_1 + HOUR).await;
    assert_eq!(client.charges(&subscriber.customer).await, [(60, "succeeded".to_owned())]);
    assert_eq!(subscriber.balance().await, 0);
}

#[tokio::test]
async fn an_update_that_waits_for_its_payer_is_behind_until_it_is_confirmed() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let subscriber = subscribed(&client, &[]).await;
    let dear = client.monthly_price("Dear", "usd", 6200).await;
    let form = [("payment_behavior", "default_incomplete"), ("proration_behavior", "always_invoice")];
    assert_eq!(subscriber.change_to(&dear, &form).await["status"], "past_due");
    assert_eq!(client.charges(&subscriber.customer).await.len(), 1, "nothing is taken unasked");
    let intent = client.intent_of(&subscriber.last_invoice().await).await;
    let path = format!("/v1/payment_intents/{}/confirm", intent["id"].as_str().unwrap());
    client.post(&path, &[("payment_method", "pm_card_visa")]).await.ok();
    subscriber.stands("active").await;
    let path = format!("/v1/subscriptions/{}", subscriber.subscription);
    let refused = client.post(&path, &[("payment_behavior", "pending_if_incomplete")]).await.error(400);
    assert_eq!((&refused["param"], &refused["code"]), (&json!("payment_behavior"), &Value::Null));
}
