//! A subscription that is to end when its period does, whenever that is.

use serde_json::json;

use crate::{NEW_YEAR, client::Client, sandbox, subscriber::Subscriber};

const DAY: i64 = 86_400;
/// 1 February 2026.
const PERIOD_END: i64 = NEW_YEAR + 31 * DAY;

#[tokio::test]
async fn a_subscription_is_told_to_end_at_the_first_or_the_last_end_of_its_periods() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let price = client.monthly_price("Seat", "usd", 2000).await;
    let mut subscriber = Subscriber::new(&client).await;
    subscriber.subscribe(&price, &[]).await;
    client.advance_to(NEW_YEAR + 5 * DAY).await;
    for end in ["min_period_end", "max_period_end"] {
        let told = subscriber.update(&[("cancel_at", end)]).await;
        assert_eq!(
            (&told["cancel_at"], &told["canceled_at"]),
            (&json!(PERIOD_END), &json!(NEW_YEAR + 5 * DAY))
        );
        assert!(subscriber.update(&[("cancel_at", "")]).await["cancel_at"].is_null());
    }
    subscriber.update(&[("cancel_at", "max_period_end")]).await;
    assert_eq!(subscriber.pending().await, [] as [i64; 0]);
    client.advance_to(PERIOD_END).await;
    assert_eq!(subscriber.read().await["ended_at"], PERIOD_END);
    assert_eq!(subscriber.totals().await, [2000]);
}

#[tokio::test]
async fn a_subscription_can_begin_with_the_end_of_its_period_as_its_end() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let price = client.monthly_price("Seat", "usd", 2000).await;
    let mut subscriber = Subscriber::new(&client).await;
    subscriber.subscribe(&price, &[("cancel_at", "min_period_end")]).await;
    subscriber.is("active", NEW_YEAR, PERIOD_END).await;
    assert_eq!(subscriber.read().await["cancel_at"], PERIOD_END);
    client.advance_to(PERIOD_END).await;
    subscriber.stands("canceled").await;
    assert_eq!(subscriber.totals().await, [2000]);
    let trial = [("cancel_at", "max_period_end"), ("trial_period_days", "10")];
    subscriber.subscribe(&price, &trial).await;
    assert_eq!(subscriber.read().await["cancel_at"], PERIOD_END + 10 * DAY);
}

#[tokio::test]
async fn another_word_is_no_time_to_end_at() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let price = client.monthly_price("Seat", "usd", 2000).await;
    let customer = client.customer_with_card().await;
    let form = [("customer", customer.as_str()), ("items[0][price]", &price), ("cancel_at", "someday")];
    assert_eq!(client.post("/v1/subscriptions", &form).await.error(400)["param"], "cancel_at");
}
