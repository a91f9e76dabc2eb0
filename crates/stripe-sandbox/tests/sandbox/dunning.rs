//! Payments that fail: the first one of a subscription, and renewals until the last attempt.

use serde_json::{Value, json};

use crate::{NEW_YEAR, client::Client, sandbox, shop::text, subscriber::Subscriber};

const FEB_1: i64 = NEW_YEAR + 31 * DAY;
const MAR_1: i64 = FEB_1 + 28 * DAY;
const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;
/// Attempts after 0, 3, 3 + 5 and 3 + 5 + 7 days.
const LAST_ATTEMPT: i64 = FEB_1 + HOUR + 15 * DAY;

/// Subscribed on New Year's Day, with a card that fails from then on.
async fn with_a_failing_card(client: &Client) -> Subscriber {
    let price = client.monthly_price("Basic", "usd", 2000).await;
    let mut subscriber = Subscriber::new(client).await;
    subscriber.subscribe(&price, &[]).await;
    client.replace_card(&subscriber.customer, "pm_card_chargeCustomerFail").await;
    subscriber
}

async fn last_invoice(subscriber: &Subscriber) -> Value {
    subscriber.invoices().await.pop().unwrap()
}

#[tokio::test]
async fn last_failed_attempt_cancels_subscription_with_payable_invoice() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let mut subscriber = with_a_failing_card(&client).await;
    client.advance_to(LAST_ATTEMPT - 1).await;
    subscriber.is("past_due", FEB_1, MAR_1).await;
    assert_eq!(last_invoice(&subscriber).await["attempt_count"], 3);
    client.advance_to(LAST_ATTEMPT).await;
    let subscription = subscriber.read().await;
    assert_eq!(
        (&subscription["status"], &subscription["ended_at"]),
        (&json!("canceled"), &json!(LAST_ATTEMPT))
    );
    assert_eq!(subscription["cancellation_details"]["reason"], "payment_failed");
    subscriber.emitted(&[&["invoice.payment_failed", "customer.subscription.deleted"]]).await;
    let invoice = last_invoice(&subscriber).await;
    assert_eq!((&invoice["attempt_count"], &invoice["next_payment_attempt"]), (&json!(4), &Value::Null));
    assert_eq!(invoice["status"], "open");
    let form = [("payment_method", "pm_card_visa")];
    let paid =
        client.post(&format!("/v1/invoices/{}/pay", invoice["id"].as_str().unwrap()), &form).await.ok();
    assert_eq!((&paid["status"], &paid["amount_paid"]), (&json!("paid"), &json!(2000)));
    assert_eq!(subscriber.read().await["status"], "canceled", "canceled is final");
}

#[tokio::test]
async fn after_the_last_attempt_it_is_unpaid_when_so_set_and_later_invoices_stay_drafts() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    client.control("settings", json!({ "retryDays": [3, 5, 7], "afterRetries": "unpaid" })).await;
    let subscriber = with_a_failing_card(&client).await;
    client.advance_to(LAST_ATTEMPT).await;
    subscriber.is("unpaid", FEB_1, MAR_1).await;
    client.advance_to(MAR_1 + 2 * DAY).await;
    let invoice = last_invoice(&subscriber).await;
    assert_eq!((&invoice["status"], &invoice["attempted"]), (&json!("draft"), &json!(false)));
    assert_eq!(subscriber.read().await["status"], "unpaid");
}

#[tokio::test]
async fn after_the_last_attempt_it_stays_past_due_when_so_set() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    client.control("settings", json!({ "retryDays": [1], "afterRetries": "past_due" })).await;
    let subscriber = with_a_failing_card(&client).await;
    client.advance_to(MAR_1 - 1).await;
    subscriber.is("past_due", FEB_1, MAR_1).await;
    let invoice = last_invoice(&subscriber).await;
    assert_eq!((&invoice["attempt_count"], &invoice["next_payment_attempt"]), (&json!(2), &Value::Null));
}

#[tokio::test]
async fn paying_the_open_invoice_recovers_a_past_due_subscription_at_once() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let mut subscriber = with_a_failing_card(&client).await;
    client.advance_to(FEB_1 + HOUR).await;
    subscriber.is("past_due", FEB_1, MAR_1).await;
    let path = format!("/v1/invoices/{}/pay", last_invoice(&subscriber).await["id"].as_str().unwrap());
    let refusal = client.post(&path, &[]).await.error(402);
    assert_eq!((&refusal["type"], &refusal["code"]), (&json!("card_error"), &json!("card_declined")));
    subscriber.is("past_due", FEB_1, MAR_1).await;
    client.replace_card(&subscriber.customer, "pm_card_visa").await;
    subscriber.emitted(&[]).await;
    let paid = client.post(&path, &[]).await.ok();
    assert_eq!((&paid["status"], &paid["amount_remaining"]), (&json!("paid"), &json!(0)));
    subscriber.is("active", FEB_1, MAR_1).await;
    subscriber.emitted(&[&["charge.succeeded", "invoice.paid"], &["customer.subscription.updated"]]).await;
    let again = client.post(&path, &[]).await.error(400);
    assert_eq!(again["message"], "Invoice is already paid");
}

#[tokio::test]
async fn a_first_payment_that_fails_leaves_it_incomplete_and_after_23_hours_expired() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let price = client.monthly_price("Basic", "usd", 2000).await;
    let mut subscriber = Subscriber::new(&client).await;
    client.replace_card(&subscriber.customer, "pm_card_chargeCustomerFail").await;
    subscriber.subscribe(&price, &[]).await;
    assert_eq!(subscriber.read().await["status"], "incomplete");
    assert_eq!(last_invoice(&subscriber).await["status"], "open");
    client.advance_to(NEW_YEAR + 23 * HOUR - 1).await;
    assert_eq!(subscriber.read().await["status"], "incomplete");
    client.advance_to(NEW_YEAR + 23 * HOUR).await;
    assert_eq!(subscriber.read().await["status"], "incomplete_expired");
    assert_eq!(last_invoice(&subscriber).await["status"], "void");
    assert_eq!(subscriber.invoices().await.len(), 1);
}

#[tokio::test]
async fn an_incomplete_subscription_becomes_active_when_its_invoice_is_paid() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let price = client.monthly_price("Basic", "usd", 2000).await;
    let mut subscriber = Subscriber::new(&client).await;
    subscriber.subscribe(&price, &[("payment_behavior", "default_incomplete")]).await;
    assert_eq!(subscriber.read().await["status"], "incomplete");
    let invoice = last_invoice(&subscriber).await;
    client.post(&format!("/v1/invoices/{}/pay", invoice["id"].as_str().unwrap()), &[]).await.ok();
    subscriber.is("active", NEW_YEAR, FEB_1).await;
}

#[tokio::test]
async fn error_if_incomplete_refuses_a_declined_card_and_leaves_no_subscription() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let price = client.monthly_price("Basic", "usd", 2000).await;
    let customer = client.customer_with_card().await;
    client.replace_card(&customer, "pm_card_chargeCustomerFail").await;
    let form = [
        ("customer", customer.as_str()),
        ("items[0][price]", &price),
        ("payment_behavior", "error_if_incomplete"),
    ];
    let error = client.post("/v1/subscriptions", &form).await.error(402);
    assert_eq!((&error["type"], &error["code"]), (&json!("card_error"), &json!("card_declined")));
    assert_eq!(client.get("/v1/subscriptions?status=all").await.ok()["data"], json!([]));
}

#[tokio::test]
async fn a_trial_that_ends_without_a_card_pauses_when_so_set() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let price = client.monthly_price("Basic", "usd", 2000).await;
    let customer = client.post("/v1/customers", &[("email", "ada@example.com")]).await.id();
    let trial =
        [("trial_period_days", "7"), ("trial_settings[end_behavior][missing_payment_method]", "pause")];
    let subscription = client.subscribe(&customer, &price, &trial).await;
    client.advance_by(7 * DAY).await;
    let path = format!("/v1/subscriptions/{subscription}");
    assert_eq!(client.get(&path).await.ok()["status"], "paused");
    let kinds: Vec<_> = client.events().await.into_iter().map(|event| event["type"].clone()).collect();
    assert!(kinds.contains(&json!("customer.subscription.paused")), "{kinds:?}");
    client.replace_card(&customer, "pm_card_visa").await;
    client.post(&format!("{path}/resume"), &[("billing_cycle_anchor", "now")]).await.ok();
    assert_eq!(client.get(&path).await.ok()["status"], "active");
}

/// A renewal on 1 February, and no card to pay it with.
async fn without_a_card(client: &Client) -> Subscriber {
    let price = client.monthly_price("Basic", "usd", 2000).await;
    let mut subscriber = Subscriber::new(client).await;
    subscriber.subscribe(&price, &[]).await;
    detach_cards(client, &subscriber).await;
    subscriber
}

async fn detach_cards(client: &Client, subscriber: &Subscriber) {
    let methods = client.get(&format!("/v1/payment_methods?customer={}", subscriber.customer)).await.ok();
    for method in methods["data"].as_array().unwrap() {
        client.post(&format!("/v1/payment_methods/{}/detach", text(&method["id"])), &[]).await.ok();
    }
}

// https://docs.stripe.com/billing/revenue-recovery/smart-retries: "Stripe doesn't retry payments if: No payment methods
// are available."
#[tokio::test]
async fn a_payment_that_failed_for_want_of_a_payment_method_is_not_tried_again() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let mut subscriber = without_a_card(&client).await;
    client.advance_to(FEB_1 + HOUR).await;
    subscriber.is("past_due", FEB_1, MAR_1).await;
    let invoice = last_invoice(&subscriber).await;
    assert_eq!((&invoice["attempt_count"], &invoice["next_payment_attempt"]), (&json!(1), &Value::Null));
    subscriber.emitted(&[&["invoice.payment_failed"]]).await;
    client.advance_to(LAST_ATTEMPT + DAY).await;
    assert_eq!(last_invoice(&subscriber).await["attempt_count"], 1);
    let events = subscriber.emitted(&[]).await;
    assert!(events.iter().all(|event| event["type"] != "invoice.payment_failed"), "{events:?}");
    subscriber.is("past_due", FEB_1, MAR_1).await;
    client.replace_card(&subscriber.customer, "pm_card_visa").await;
    client.on_invoice(&invoice, "pay", &[]).await.ok();
    subscriber.stands("active").await;
}

#[tokio::test]
async fn retries_end_when_the_payment_method_is_taken_away() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let mut subscriber = with_a_failing_card(&client).await;
    client.advance_to(FEB_1 + HOUR).await;
    assert_eq!(last_invoice(&subscriber).await["next_payment_attempt"], FEB_1 + HOUR + 3 * DAY);
    detach_cards(&client, &subscriber).await;
    subscriber.emitted(&[]).await;
    client.advance_to(LAST_ATTEMPT + DAY).await;
    let invoice = last_invoice(&subscriber).await;
    assert_eq!((&invoice["attempt_count"], &invoice["next_payment_attempt"]), (&json!(1), &Value::Null));
    let events = subscriber.emitted(&[&["invoice.updated"]]).await;
    assert!(events.iter().all(|event| event["type"] != "invoice.payment_failed"), "{events:?}");
    subscriber.is("past_due", FEB_1, MAR_1).await;
}
