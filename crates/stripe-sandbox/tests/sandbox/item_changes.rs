//! Changes of what a subscription is for: what they reset, and what they leave.

use serde_json::json;

use crate::{NEW_YEAR, client::Client, sandbox, shop::text, subscriber::Subscriber};

const DAY: i64 = 86_400;
const FEB_1: i64 = NEW_YEAR + 31 * DAY;

async fn subscribed(client: &Client, price: &str, quantity: &str) -> (Subscriber, String) {
    let mut subscriber = Subscriber::new(client).await;
    subscriber.subscribe(price, &[("items[0][quantity]", quantity)]).await;
    let item = text(&subscriber.read().await["items"]["data"][0]["id"]).to_owned();
    (subscriber, item)
}

async fn quantity(subscriber: &Subscriber) -> i64 {
    subscriber.read().await["items"]["data"][0]["quantity"].as_i64().unwrap()
}

// https://docs.stripe.com/billing/subscriptions/change-price: "Updating a subscription price automatically reverts the
// quantity to the default value of 1."
#[tokio::test]
async fn a_new_price_resets_the_quantity_to_one_unless_it_is_given() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let (small, large) =
        (client.monthly_price("Small", "usd", 1000).await, client.monthly_price("Large", "usd", 2000).await);
    for (price, more, wanted) in
        [(&large, None, 1), (&large, Some("4"), 4), (&small, None, 5), (&small, Some("2"), 2)]
    {
        let (subscriber, item) = subscribed(&client, &small, "5").await;
        let mut form = vec![("items[0][id]", item.as_str()), ("items[0][price]", price)];
        form.extend(more.map(|quantity| ("items[0][quantity]", quantity)));
        subscriber.update(&form).await;
        assert_eq!(quantity(&subscriber).await, wanted, "{form:?}");
    }
}

#[tokio::test]
async fn a_new_price_of_an_item_resets_its_quantity_and_keeps_its_metadata() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let (small, large) =
        (client.monthly_price("Small", "usd", 1000).await, client.monthly_price("Large", "usd", 2000).await);
    let (subscriber, item) = subscribed(&client, &small, "5").await;
    let path = format!("/v1/subscription_items/{item}");
    client.post(&path, &[("metadata[seats]", "five")]).await.ok();
    assert_eq!(quantity(&subscriber).await, 5);
    let changed = client.post(&path, &[("price", large.as_str())]).await.ok();
    assert_eq!((&changed["quantity"], &changed["metadata"]), (&json!(1), &json!({ "seats": "five" })));
}

#[tokio::test]
async fn a_preview_of_a_new_price_resets_the_quantity_as_the_change_does() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let (small, large) =
        (client.monthly_price("Small", "usd", 1000).await, client.monthly_price("Large", "usd", 2000).await);
    let (subscriber, item) = subscribed(&client, &small, "5").await;
    let form = [
        ("subscription", subscriber.subscription.as_str()),
        ("subscription_details[items][0][id]", &item),
        ("subscription_details[items][0][price]", &large),
        ("subscription_details[proration_behavior]", "always_invoice"),
    ];
    let preview = client.post("/v1/invoices/create_preview", &form).await.ok();
    assert_eq!(preview["total"], 2000 - 5000);
    subscriber.change_price(&large, "always_invoice").await;
    assert_eq!(subscriber.totals().await, [5000, 2000 - 5000]);
}

// https://docs.stripe.com/billing/subscriptions/change-price: a quantity that was zero and is raised "doesn't generate an
// invoice or reset the billing period".
#[tokio::test]
async fn a_quantity_raised_from_zero_is_prorated_and_moves_no_anchor() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let price = client.monthly_price("Seat", "usd", 3100).await;
    let (subscriber, item) = subscribed(&client, &price, "0").await;
    client.advance_to(NEW_YEAR + 10 * DAY).await;
    let form = [("items[0][id]", item.as_str()), ("items[0][quantity]", "3")];
    assert_eq!(subscriber.update(&form).await["billing_cycle_anchor"], NEW_YEAR);
    subscriber.is("active", NEW_YEAR, FEB_1).await;
    assert_eq!((subscriber.totals().await, subscriber.pending().await), (vec![0], vec![3 * 2100]));
}
