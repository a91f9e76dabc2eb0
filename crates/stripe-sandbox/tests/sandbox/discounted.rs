//! Discounts where prices change: what is given back is what was paid.

use serde_json::json;

use crate::{NEW_YEAR, client::Client, sandbox, subscriber::Subscriber};

const DAY: i64 = 86_400;
const NOW: (&str, &str) = ("proration_behavior", "always_invoice");

async fn coupon(client: &Client, id: &str, off: (&str, &str), duration: &str) {
    client.post("/v1/coupons", &[("id", id), off, ("currency", "usd"), ("duration", duration)]).await.ok();
}

async fn subscribed(client: &Client, price: &str, more: &[(&str, &str)]) -> Subscriber {
    let mut subscriber = Subscriber::new(client).await;
    subscriber.subscribe(price, more).await;
    subscriber
}

#[tokio::test]
async fn a_month_that_was_half_price_once_is_credited_at_half_price() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let pro = client.monthly_price("Pro", "usd", 2000).await;
    let basic = client.monthly_price("Basic", "usd", 1000).await;
    coupon(&client, "half", ("percent_off", "50"), "once").await;
    let subscriber = subscribed(&client, &pro, &[("discounts[0][coupon]", "half")]).await;
    subscriber.change_to(&basic, &[NOW]).await;
    // 1000 was paid for the whole month, and 1000 is what the whole month costs now.
    assert_eq!(subscriber.totals().await, [1000, 0]);
    assert_eq!(subscriber.balance().await, 0);
}

#[tokio::test]
async fn a_discount_that_comes_or_goes_with_a_change_does_not_change_what_was_paid() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let pro = client.monthly_price("Pro", "usd", 2000).await;
    let basic = client.monthly_price("Basic", "usd", 1000).await;
    coupon(&client, "free", ("percent_off", "100"), "forever").await;
    let given = subscribed(&client, &pro, &[]).await;
    given.change_to(&basic, &[NOW, ("discounts[0][coupon]", "free")]).await;
    assert_eq!(given.totals().await, [2000, -2000], "all of the month is given back");
    let taken = subscribed(&client, &pro, &[("discounts[0][coupon]", "free")]).await;
    taken.change_to(&basic, &[NOW, ("discounts", "")]).await;
    assert_eq!(taken.totals().await, [0, 1000], "nothing was paid, and nothing is given back");
}

#[tokio::test]
async fn an_amount_off_is_shared_by_the_items_once_and_given_back_as_it_was_shared() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let small = client.monthly_price("Small", "usd", 2000).await;
    let large = client.monthly_price("Large", "usd", 3000).await;
    coupon(&client, "ten", ("amount_off", "1000"), "forever").await;
    let both = [("items[1][price]", large.as_str()), ("discounts[0][coupon]", "ten")];
    let subscriber = subscribed(&client, &small, &both).await;
    let items = subscriber.read().await["items"]["data"].clone();
    let id = |index: usize| items[index]["id"].as_str().unwrap();
    let doubled = [
        ("items[0][id]", id(0)),
        ("items[0][quantity]", "2"),
        ("items[1][id]", id(1)),
        ("items[1][quantity]", "2"),
        NOW,
    ];
    subscriber.update(&doubled).await;
    // 20 + 30 − 10, then 2 × 20 + 2 × 30 − 10 less that.
    assert_eq!(subscriber.totals().await, [4000, 5000]);
    client.delete(&format!("/v1/subscription_items/{}", id(0))).await.ok();
    // 36 was paid for the first item; the share of the other stays as it is.
    assert_eq!(subscriber.pending().await, [-3600]);
}

#[tokio::test]
async fn a_coupon_for_once_waits_for_the_first_invoice_that_costs_something() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let price = client.monthly_price("Pro", "usd", 2000).await;
    coupon(&client, "half", ("percent_off", "50"), "once").await;
    let subscriber =
        subscribed(&client, &price, &[("discounts[0][coupon]", "half"), ("trial_period_days", "7")]).await;
    client.advance_to(NEW_YEAR + 45 * DAY).await;
    assert_eq!(subscriber.totals().await, [0, 1000, 2000]);
}

#[tokio::test]
async fn a_preview_has_the_discounts_of_the_renewal_and_not_of_today() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let price = client.monthly_price("Pro", "usd", 2000).await;
    let form =
        [("id", "month"), ("percent_off", "50"), ("duration", "repeating"), ("duration_in_months", "1")];
    client.post("/v1/coupons", &form).await.ok();
    let subscriber = subscribed(&client, &price, &[("discounts[0][coupon]", "month")]).await;
    let form = [("subscription", subscriber.subscription.as_str())];
    let preview = client.post("/v1/invoices/create_preview", &form).await.ok();
    assert_eq!((&preview["total"], &preview["status"]), (&json!(2000), &json!("draft")));
    client.delete(&format!("/v1/subscriptions/{}", subscriber.subscription)).await.ok();
    let none = client.post("/v1/invoices/create_preview", &form).await.error(400);
    assert_eq!(none["code"], "invoice_upcoming_none");
}

#[tokio::test]
async fn a_coupon_that_cannot_be_is_refused_by_name() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    for (field, value) in
        [("percent_off", "0"), ("percent_off", "0.001"), ("percent_off", "100.01"), ("percent_off", "NaN")]
    {
        assert_eq!(client.post("/v1/coupons", &[(field, value)]).await.error(400)["param"], field, "{value}");
    }
    for months in ["0", "1201", "4294967295"] {
        let form = [("percent_off", "5"), ("duration", "repeating"), ("duration_in_months", months)];
        assert_eq!(client.post("/v1/coupons", &form).await.error(400)["param"], "duration_in_months");
    }
    coupon(&client, "ten", ("amount_off", "1000"), "forever").await;
    let price = client.monthly_price("Pro", "eur", 2000).await;
    let customer = client.customer_with_card().await;
    let form =
        [("customer", customer.as_str()), ("items[0][price]", &price), ("discounts[0][coupon]", "ten")];
    assert_eq!(client.post("/v1/subscriptions", &form).await.error(400)["param"], "discounts");
}

#[tokio::test]
async fn a_code_for_a_first_purchase_is_for_who_has_paid_nothing_yet() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let price = client.monthly_price("Pro", "usd", 2000).await;
    coupon(&client, "half", ("percent_off", "50"), "once").await;
    let form = [
        ("promotion[type]", "coupon"),
        ("promotion[coupon]", "half"),
        ("restrictions[first_time_transaction]", "true"),
    ];
    let code = client.post("/v1/promotion_codes", &form).await.id();
    let discount = ("discounts[0][promotion_code]", code.as_str());
    let customer = client.customer_with_card().await;
    client.subscribe(&customer, &price, &[discount]).await;
    let buyer = client.customer_with_card().await;
    let card = client.get(&format!("/v1/customers/{buyer}")).await.ok()["invoice_settings"]["default_payment_method"].clone();
    let payment = [
        ("amount", "500"),
        ("currency", "usd"),
        ("customer", buyer.as_str()),
        ("payment_method", card.as_str().unwrap()),
        ("confirm", "true"),
    ];
    client.post("/v1/payment_intents", &payment).await.ok();
    let form = [("customer", buyer.as_str()), ("items[0][price]", &price), discount];
    client.post("/v1/subscriptions", &form).await.error(400);
}
