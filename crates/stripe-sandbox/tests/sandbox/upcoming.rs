//! Renewals are told of before they come.

use serde_json::{Value, json};

use crate::{NEW_YEAR, client::Client, sandbox, shop::text, subscriber::Subscriber};

const DAY: i64 = 86_400;
/// 1 February 2026.
const RENEWAL: i64 = NEW_YEAR + 31 * DAY;

async fn subscribed(client: &Client) -> Subscriber {
    let price = client.monthly_price("Seat", "usd", 2000).await;
    let mut subscriber = Subscriber::new(client).await;
    subscriber.subscribe(&price, &[]).await;
    subscriber
}

async fn told(client: &Client) -> Vec<Value> {
    let events = client.events().await;
    events.into_iter().filter(|event| event["type"] == "invoice.upcoming").collect()
}

#[tokio::test]
async fn each_renewal_is_told_of_once_seven_days_before_it() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let subscriber = subscribed(&client).await;
    client.advance_to(RENEWAL - 7 * DAY - 1).await;
    assert_eq!(told(&client).await, [] as [Value; 0]);
    client.advance_to(RENEWAL - 7 * DAY).await;
    client.advance_to(RENEWAL - 1).await;
    let events = told(&client).await;
    assert_eq!((events.len(), &events[0]["created"]), (1, &json!(RENEWAL - 7 * DAY)));
    subscriber
        .has_invoices(
            1,
            &crate::subscriber::Invoice::paid(
                "subscription_create",
                2000,
                vec![crate::subscriber::line(2000, NEW_YEAR, RENEWAL)],
            ),
        )
        .await;
    // To 31 March: past the renewals of February and of March.
    client.advance_to(RENEWAL + 58 * DAY).await;
    let at: Vec<_> = told(&client).await.iter().map(|event| event["created"].clone()).collect();
    assert_eq!(at, [json!(RENEWAL - 7 * DAY), json!(RENEWAL + 21 * DAY), json!(RENEWAL + 52 * DAY)]);
}

#[tokio::test]
async fn what_is_told_is_the_invoice_that_is_to_come_and_has_no_id() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let subscriber = subscribed(&client).await;
    subscriber.update(&[("description", "Seats")]).await;
    client.advance_to(RENEWAL - 6 * DAY).await;
    let invoice = told(&client).await[0]["data"]["object"].clone();
    assert!(invoice.get("id").is_none(), "{invoice}");
    assert_eq!((text(&invoice["object"]), text(&invoice["billing_reason"])), ("invoice", "upcoming"));
    assert_eq!((text(&invoice["status"]), &invoice["total"]), ("draft", &json!(2000)));
    assert_eq!(invoice["parent"]["subscription_details"]["subscription"], subscriber.subscription.as_str());
    assert_eq!(invoice["lines"]["data"][0]["period"]["start"], RENEWAL);
}

#[tokio::test]
async fn what_will_not_be_renewed_or_collected_is_not_told_of() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let (ending, paused) = (subscribed(&client).await, subscribed(&client).await);
    ending.update(&[("cancel_at_period_end", "true")]).await;
    paused.update(&[("pause_collection[behavior]", "void")]).await;
    client.advance_to(RENEWAL + DAY).await;
    assert_eq!(told(&client).await, [] as [Value; 0]);
    ending.stands("canceled").await;
}

#[tokio::test]
async fn a_renewal_of_every_day_is_told_of_once_the_last_one_is_done() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let daily = [
        ("currency", "usd"),
        ("unit_amount", "100"),
        ("recurring[interval]", "day"),
        ("product_data[name]", "Daily"),
    ];
    let daily = client.post("/v1/prices", &daily).await.id();
    let mut subscriber = Subscriber::new(&client).await;
    subscriber.subscribe(&daily, &[]).await;
    client.advance_to(NEW_YEAR + 2 * DAY + 7200).await;
    assert_eq!((told(&client).await.len(), subscriber.totals().await), (3, vec![100, 100, 100]));
}
