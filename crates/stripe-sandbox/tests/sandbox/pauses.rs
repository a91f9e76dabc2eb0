//! Collection that is paused, and subscriptions that are.

use serde_json::{Value, json};

use crate::{NEW_YEAR, client::Client, sandbox, shop::text, subscriber::Subscriber};

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;
const FEB_1: i64 = NEW_YEAR + 31 * DAY;

async fn subscribed(client: &Client) -> Subscriber {
    let price = client.monthly_price("Pro", "usd", 3100).await;
    let mut subscriber = Subscriber::new(client).await;
    subscriber.subscribe(&price, &[]).await;
    subscriber
}

#[tokio::test]
async fn a_pause_keeps_voids_or_forgives_the_renewals_until_it_ends() {
    for (behavior, status) in
        [("void", "void"), ("keep_as_draft", "draft"), ("mark_uncollectible", "uncollectible")]
    {
        let sandbox = sandbox().await;
        let client = Client::new(&sandbox);
        let subscriber = subscribed(&client).await;
        let until = (NEW_YEAR + 40 * DAY).to_string();
        let form = [("pause_collection[behavior]", behavior), ("pause_collection[resumes_at]", &until)];
        subscriber.update(&form).await;
        client.advance_to(FEB_1 + 2 * HOUR).await;
        assert_eq!(subscriber.last_invoice().await["status"], status);
        client.advance_to(FEB_1 + 28 * DAY + 2 * HOUR).await;
        assert_eq!(subscriber.read().await["pause_collection"], Value::Null);
        subscriber.stands("active").await;
        assert_eq!(subscriber.invoices().await[1]["status"], status, "it stays what it was made");
        let paid = (3100, "succeeded".to_owned());
        assert_eq!(client.charges(&subscriber.customer).await, [paid.clone(), paid], "{behavior}");
    }
}

#[tokio::test]
async fn a_pause_that_has_ended_already_is_refused() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let subscriber = subscribed(&client).await;
    let path = format!("/v1/subscriptions/{}", subscriber.subscription);
    let past = (NEW_YEAR - 1).to_string();
    let form = [("pause_collection[behavior]", "void"), ("pause_collection[resumes_at]", &past)];
    assert_eq!(client.post(&path, &form).await.error(400)["param"], "pause_collection[resumes_at]");
}

/// Paused at the end of its trial, with a card that fails since.
async fn paused(client: &Client) -> Subscriber {
    let price = client.monthly_price("Pro", "usd", 3100).await;
    let customer = client.post("/v1/customers", &[("email", "ada@example.com")]).await.id();
    let mut subscriber = Subscriber::new(client).await;
    subscriber.customer = customer;
    let trial =
        [("trial_period_days", "7"), ("trial_settings[end_behavior][missing_payment_method]", "pause")];
    subscriber.subscribe(&price, &trial).await;
    client.advance_by(7 * DAY).await;
    subscriber.stands("paused").await;
    client.replace_card(&subscriber.customer, "pm_card_chargeCustomerFail").await;
    subscriber
}

#[tokio::test]
async fn one_invoice_resumes_a_subscription_and_is_void_when_it_is_not_paid_in_23_hours() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let subscriber = paused(&client).await;
    let resume = format!("/v1/subscriptions/{}/resume", subscriber.subscription);
    assert_eq!(client.post(&resume, &[]).await.ok()["status"], "paused");
    client.post(&resume, &[]).await.error(400);
    client.advance_by(23 * HOUR).await;
    subscriber.stands("paused").await;
    assert_eq!(subscriber.last_invoice().await["status"], "void");
    client.replace_card(&subscriber.customer, "pm_card_visa").await;
    assert_eq!(client.post(&resume, &[]).await.ok()["status"], "active");
}

#[tokio::test]
async fn resume_with_unchanged_anchor_bills_the_rest_of_the_period() {
    // 21 of the 31 days from 8 January are left.
    for (behavior, totals) in [("create_prorations", json!([0, 2100])), ("none", json!([0]))] {
        let sandbox = sandbox().await;
        let client = Client::new(&sandbox);
        let subscriber = paused(&client).await;
        client.replace_card(&subscriber.customer, "pm_card_visa").await;
        client.advance_by(10 * DAY).await;
        let anchor = subscriber.read().await["billing_cycle_anchor"].clone();
        let form = [("billing_cycle_anchor", "unchanged"), ("proration_behavior", behavior)];
        let path = format!("/v1/subscriptions/{}/resume", subscriber.subscription);
        let resumed = client.post(&path, &form).await.ok();
        assert_eq!((text(&resumed["status"]), &resumed["billing_cycle_anchor"]), ("active", &anchor));
        assert_eq!(json!(subscriber.totals().await), totals);
    }
}
