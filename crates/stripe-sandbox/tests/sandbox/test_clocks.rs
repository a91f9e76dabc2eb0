//! Test clocks end, and nothing that lived by them outlives them.

use serde_json::Value;

use crate::{
    NEW_YEAR,
    client::{Client, ids},
    sandbox,
};

const DAY: i64 = 86_400;

/// A clock by which a customer has one of all that a customer can have.
async fn busy_clock(client: &Client) -> String {
    let now = NEW_YEAR.to_string();
    let clock = client.post("/v1/test_helpers/test_clocks", &[("frozen_time", &now)]).await.id();
    let form = [
        ("test_clock", clock.as_str()),
        ("payment_method", "pm_card_visa"),
        ("invoice_settings[default_payment_method]", "pm_card_visa"),
    ];
    let customer = client.post("/v1/customers", &form).await.id();
    let of_customer = ("customer", customer.as_str());
    let price = client.monthly_price("Pro", "usd", 2000).await;
    let coupon = client.post("/v1/coupons", &[("percent_off", "10")]).await.id();
    client.subscribe(&customer, &price, &[("discounts[0][coupon]", &coupon)]).await;
    let item = [of_customer, ("amount", "100"), ("currency", "usd")];
    client.post("/v1/invoiceitems", &item).await.ok();
    client.post("/v1/setup_intents", &[of_customer]).await.ok();
    client.post(&format!("/v1/customers/{customer}/balance_transactions"), &item[1..]).await.ok();
    client.post("/v1/billing_portal/sessions", &[of_customer]).await.ok();
    let code = [("promotion[type]", "coupon"), ("promotion[coupon]", coupon.as_str()), of_customer];
    client.post("/v1/promotion_codes", &code).await.ok();
    let schedule = [of_customer, ("start_date", "now"), ("phases[0][items][0][price]", price.as_str())];
    client.post("/v1/subscription_schedules", &schedule).await.ok();
    let checkout = [
        of_customer,
        ("mode", "subscription"),
        ("success_url", "https://shop.example"),
        ("line_items[0][price]", price.as_str()),
        ("line_items[0][quantity]", "1"),
    ];
    client.post("/v1/checkout/sessions", &checkout).await.ok();
    let invoices = client.get("/v1/invoices?status=paid&limit=1").await.ok();
    let intent = client.intent_of(&invoices["data"][0]).await;
    let paid = intent["id"].as_str().unwrap();
    client.post("/v1/refunds", &[("payment_intent", paid), ("amount", "10")]).await.ok();
    let disputed = [
        of_customer,
        ("amount", "300"),
        ("currency", "usd"),
        ("payment_method", "pm_card_createDispute"),
        ("confirm", "true"),
    ];
    client.post("/v1/payment_intents", &disputed).await.ok();
    clock
}

/// What the account still has that is of a customer.
async fn left(client: &Client) -> Vec<String> {
    let lists = [
        "charges",
        "checkout/sessions",
        "customers",
        "disputes",
        "invoice_payments",
        "invoiceitems",
        "invoices",
        "payment_intents",
        "promotion_codes",
        "refunds",
        "setup_intents",
        "subscription_schedules",
        "subscriptions",
    ];
    let mut left = Vec::new();
    for list in lists {
        left.extend(ids(&client.get(&format!("/v1/{list}?limit=100")).await.ok()));
    }
    left
}

fn deletions(events: &[Value]) -> usize {
    events.iter().filter(|event| event["type"] == "test_helpers.test_clock.deleted").count()
}

#[tokio::test]
async fn all_that_lives_by_a_clock_goes_with_it() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let clock = busy_clock(&client).await;
    assert!(left(&client).await.len() > 13, "the scene has one of each kind");
    client.delete(&format!("/v1/test_helpers/test_clocks/{clock}")).await.ok();
    assert_eq!(left(&client).await, Vec::<String>::new());
    let events = client.events().await.len();
    client.advance_by(400 * DAY).await;
    assert_eq!(client.events().await.len(), events, "what fell due was forgotten");
}

#[tokio::test]
async fn who_does_not_live_by_a_clock_stays_when_it_goes() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let customer = client.customer_with_card().await;
    let clock = busy_clock(&client).await;
    client.delete(&format!("/v1/test_helpers/test_clocks/{clock}")).await.ok();
    assert_eq!(left(&client).await, [customer]);
}

#[tokio::test]
async fn a_clock_is_deleted_when_it_says() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let clock = busy_clock(&client).await;
    let path = format!("/v1/test_helpers/test_clocks/{clock}");
    let until = client.get(&path).await.ok()["deletes_after"].as_i64().unwrap();
    assert_eq!(until, NEW_YEAR + 30 * DAY);
    client.advance_to(until - 1).await;
    client.get(&path).await.ok();
    client.advance_to(until).await;
    client.get(&path).await.error(404);
    assert_eq!(left(&client).await, Vec::<String>::new());
    assert_eq!(deletions(&client.events().await), 1);
}
