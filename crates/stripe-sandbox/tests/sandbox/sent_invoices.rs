//! Subscriptions whose invoices are sent: drafts, due dates and what is overdue.

use serde_json::json;

use crate::{NEW_YEAR, client::Client, sandbox, shop::text, subscriber::Subscriber};

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// Sent invoices of 20.00, which are due five days after they are made.
async fn billed_by_mail(client: &Client, more: &[(&str, &str)]) -> Subscriber {
    let sent = [("collection_method", "send_invoice"), ("days_until_due", "5")];
    let price = client.monthly_price("Basic", "usd", 2000).await;
    let mut subscriber = Subscriber::new(client).await;
    subscriber.subscribe(&price, &[&sent, more].concat()).await;
    subscriber
}

#[tokio::test]
async fn overdue_sent_invoice_makes_its_subscription_past_due() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let mut subscriber = billed_by_mail(&client, &[]).await;
    client.advance_to(NEW_YEAR + 5 * DAY - 1).await;
    subscriber.stands("active").await;
    subscriber.emitted(&[]).await;
    client.advance_to(NEW_YEAR + 5 * DAY).await;
    subscriber.stands("past_due").await;
    subscriber.emitted(&[&["invoice.overdue", "customer.subscription.updated"]]).await;
    client.on_invoice(&subscriber.last_invoice().await, "pay", &[]).await.ok();
    subscriber.stands("active").await;
}

// https://docs.stripe.com/billing/invoices/subscription: Stripe finalizes the first invoice at once when it charges
// automatically, or one hour later when `collection_method` is `send_invoice`.
#[tokio::test]
async fn the_first_invoice_that_is_sent_is_a_draft_for_an_hour() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let mut subscriber = billed_by_mail(&client, &[]).await;
    subscriber.stands("active").await;
    let draft = subscriber.last_invoice().await;
    assert_eq!((text(&draft["status"]), &draft["auto_advance"]), ("draft", &json!(true)));
    assert_eq!(draft["automatically_finalizes_at"], NEW_YEAR + HOUR);
    assert!(draft["number"].is_null() && draft["hosted_invoice_url"].is_null(), "{draft}");
    let item = [
        ("customer", subscriber.customer.as_str()),
        ("invoice", text(&draft["id"])),
        ("amount", "500"),
        ("currency", "usd"),
    ];
    client.post("/v1/invoiceitems", &item).await.ok();
    subscriber.emitted(&[&["customer.subscription.created"], &["invoice.created"]]).await;
    client.advance_to(NEW_YEAR + HOUR - 1).await;
    assert_eq!(subscriber.last_invoice().await["status"], "draft");
    client.advance_to(NEW_YEAR + HOUR).await;
    let open = subscriber.last_invoice().await;
    assert_eq!((text(&open["status"]), &open["amount_due"]), ("open", &json!(2500)));
    assert_eq!((&open["attempt_count"], &open["due_date"]), (&json!(0), &json!(NEW_YEAR + 5 * DAY)));
    subscriber.emitted(&[&["invoice.finalized"]]).await;
    assert_eq!(client.charges(&subscriber.customer).await, []);
    subscriber.stands("active").await;
}

#[tokio::test]
async fn the_first_invoice_of_a_trial_that_is_sent_is_a_draft_for_an_hour() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let subscriber = billed_by_mail(&client, &[("trial_period_days", "7")]).await;
    subscriber.stands("trialing").await;
    assert_eq!(subscriber.last_invoice().await["status"], "draft");
    client.advance_to(NEW_YEAR + HOUR).await;
    assert_eq!(subscriber.last_invoice().await["status"], "paid", "nothing is owed");
    subscriber.stands("trialing").await;
}

#[tokio::test]
async fn a_subscription_that_ends_within_the_hour_leaves_its_first_invoice_a_draft() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let subscriber = billed_by_mail(&client, &[]).await;
    client.delete(&format!("/v1/subscriptions/{}", subscriber.subscription)).await.ok();
    client.advance_to(NEW_YEAR + 10 * DAY).await;
    let left = subscriber.last_invoice().await;
    assert_eq!((text(&left["status"]), &left["auto_advance"]), ("draft", &json!(false)));
    let open = client.on_invoice(&left, "finalize", &[]).await.ok();
    assert_eq!(open["status"], "open");
}

#[tokio::test]
async fn an_invoice_that_is_due_at_once_is_overdue_when_it_is_final_and_not_before() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let sent = [("collection_method", "send_invoice"), ("days_until_due", "0")];
    let price = client.monthly_price("Basic", "usd", 2000).await;
    let mut subscriber = Subscriber::new(&client).await;
    subscriber.subscribe(&price, &sent).await;
    client.advance_to(NEW_YEAR + 2 * HOUR).await;
    let events = subscriber.emitted(&[&["invoice.finalized", "invoice.overdue"]]).await;
    let overdue = events.iter().find(|event| event["type"] == "invoice.overdue").unwrap();
    assert_eq!(overdue["created"], NEW_YEAR + HOUR + 1);
}
