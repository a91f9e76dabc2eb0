//! How subscriptions end, and what is billed or given back then.

use serde_json::json;

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

async fn end(client: &Client, subscriber: &Subscriber, query: &str) {
    client.delete(&format!("/v1/subscriptions/{}{query}", subscriber.subscription)).await.ok();
}

#[tokio::test]
async fn what_waits_for_the_customer_is_billed_when_the_last_period_ends() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let subscriber = subscribed(&client, &[("cancel_at_period_end", "true")]).await;
    assert_eq!(subscriber.read().await["cancellation_details"]["reason"], "cancellation_requested");
    let item = [("customer", subscriber.customer.as_str()), ("amount", "700"), ("currency", "usd")];
    client.post("/v1/invoiceitems", &item).await.ok();
    client.advance_to(FEB_1 + DAY).await;
    subscriber.stands("canceled").await;
    assert_eq!(subscriber.totals().await, [3100, 700]);
}

#[tokio::test]
async fn prorations_are_forgotten_when_a_subscription_is_ended_at_once_without_an_invoice() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let subscriber = subscribed(&client, &[]).await;
    let dear = client.monthly_price("Dear", "usd", 6200).await;
    client.advance_to(NEW_YEAR + 10 * DAY).await;
    subscriber.change_to(&dear, &[]).await;
    assert_eq!(subscriber.pending().await.len(), 2);
    end(&client, &subscriber, "").await;
    assert!(subscriber.pending().await.is_empty());
}

#[tokio::test]
async fn a_renewal_that_is_a_draft_still_gives_no_credit_as_nobody_will_pay_it() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let subscriber = subscribed(&client, &[]).await;
    client.advance_to(FEB_1 + 600).await;
    end(&client, &subscriber, "?prorate=true&invoice_now=true").await;
    assert_eq!((subscriber.balance().await, subscriber.totals().await), (0, vec![3100, 3100]));
    client.advance_to(FEB_1 + 40 * DAY).await;
    assert_eq!(client.charges(&subscriber.customer).await.len(), 1);
}

#[tokio::test]
async fn a_schedule_that_cancels_bills_what_its_last_phase_cost() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let customer = client.customer_with_card().await;
    let cheap = client.monthly_price("Pro", "usd", 3100).await;
    let dear = client.monthly_price("Dear", "usd", 9300).await;
    let (second, last) = ((NEW_YEAR + 10 * DAY).to_string(), (NEW_YEAR + 20 * DAY).to_string());
    let form = [
        ("customer", customer.as_str()),
        ("start_date", "now"),
        ("end_behavior", "cancel"),
        ("phases[0][items][0][price]", &cheap),
        ("phases[0][end_date]", &second),
        ("phases[1][items][0][price]", &dear),
        ("phases[1][end_date]", &last),
    ];
    client.post("/v1/subscription_schedules", &form).await.ok();
    client.advance_to(NEW_YEAR + 21 * DAY).await;
    let charges = client.charges(&customer).await;
    // 21 days of 1.00 are given back, and 10 days of 3.00 are what was used.
    assert_eq!(charges.iter().map(|(amount, _)| *amount).sum::<i64>(), 3100 - 2100 + 3000, "{charges:?}");
}

#[tokio::test]
async fn what_has_ended_can_be_annotated_and_not_be_changed() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let subscriber = subscribed(&client, &[]).await;
    end(&client, &subscriber, "").await;
    let path = format!("/v1/subscriptions/{}", subscriber.subscription);
    for (name, value) in [
        ("description", "x"),
        ("pause_collection[behavior]", "void"),
        ("collection_method", "send_invoice"),
        ("days_until_due", "3"),
        ("discounts", ""),
        ("payment_settings[save_default_payment_method]", "on_subscription"),
        ("trial_settings[end_behavior][missing_payment_method]", "cancel"),
        ("cancel_at_period_end", "true"),
        ("trial_end", "now"),
    ] {
        let error = client.post(&path, &[(name, value)]).await.error(400);
        assert_eq!(error["code"], "invalid_canceled_subscription_fields", "{name}: {error}");
    }
    let noted =
        client.post(&path, &[("metadata[why]", "moved"), ("cancellation_details[comment]", "bye")]).await;
    let noted = noted.ok();
    assert_eq!(
        (&noted["metadata"]["why"], &noted["cancellation_details"]["comment"]),
        (&json!("moved"), &json!("bye"))
    );
}

#[tokio::test]
async fn a_preview_of_an_end_now_credits_a_draft_no_more_than_the_end_does() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let subscriber = subscribed(&client, &[]).await;
    client.advance_to(FEB_1 + HOUR / 2).await;
    let asked = [
        ("subscription", subscriber.subscription.as_str()),
        ("subscription_details[cancel_now]", "true"),
        ("subscription_details[proration_behavior]", "create_prorations"),
    ];
    let preview = client.post("/v1/invoices/create_preview", &asked).await.ok();
    assert_eq!(preview["total"], 0, "{preview}");
}

#[tokio::test]
async fn what_is_said_of_an_end_is_added_to_what_was_said_before() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let subscriber = subscribed(&client, &[]).await;
    subscriber.update(&[("cancellation_details[comment]", "too dear")]).await;
    end(&client, &subscriber, "?cancellation_details[feedback]=too_expensive").await;
    let details = subscriber.read().await["cancellation_details"].clone();
    assert_eq!((&details["comment"], &details["feedback"]), (&json!("too dear"), &json!("too_expensive")));
}
