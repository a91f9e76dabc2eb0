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

/// The discounts that a subscription shows.
async fn shown(subscriber: &Subscriber) -> Vec<String> {
    let subscription = subscriber.read().await;
    let discounts = subscription["discounts"].as_array().unwrap();
    discounts.iter().map(|id| id.as_str().unwrap().to_owned()).collect()
}

// https://docs.stripe.com/billing/subscriptions/coupons#coupon-duration: "After the coupon has been applied, the
// subscription's `discounts` array no longer includes that discount", and its invoice still shows it.
#[tokio::test]
async fn a_coupon_for_once_leaves_its_subscription_when_its_invoice_is_final() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let price = client.monthly_price("Pro", "usd", 2000).await;
    coupon(&client, "half", ("percent_off", "50"), "once").await;
    let sent = [("collection_method", "send_invoice"), ("days_until_due", "5")];
    let once = ("discounts[0][coupon]", "half");
    let subscriber = subscribed(&client, &price, &[sent[0], sent[1], once]).await;
    let held = shown(&subscriber).await;
    assert_eq!(held.len(), 1, "its invoice is a draft");
    client.advance_to(NEW_YEAR + 3600).await;
    assert_eq!(shown(&subscriber).await, [] as [String; 0]);
    let invoice = subscriber.last_invoice().await;
    assert_eq!((&invoice["discounts"], &invoice["total"]), (&json!(held), &json!(1000)));
    assert_eq!(invoice["lines"]["data"][0]["discount_amounts"][0]["discount"], held[0]);
}

#[tokio::test]
async fn the_discounts_of_a_subscription_are_taken_when_sent_back_with_one_more() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let price = client.monthly_price("Pro", "usd", 2000).await;
    coupon(&client, "half", ("percent_off", "50"), "once").await;
    coupon(&client, "ten", ("percent_off", "10"), "forever").await;
    let month =
        [("id", "month"), ("percent_off", "5"), ("duration", "repeating"), ("duration_in_months", "1")];
    client.post("/v1/coupons", &month).await.ok();
    let all = [("discounts[0][coupon]", "half"), ("discounts[1][coupon]", "ten")];
    let ended = ("discounts[2][coupon]", "month");
    let subscriber = subscribed(&client, &price, &[all[0], all[1], ended]).await;
    assert_eq!(shown(&subscriber).await.len(), 2);
    client.advance_to(NEW_YEAR + 32 * DAY).await;
    let kept = shown(&subscriber).await;
    assert_eq!(kept.len(), 1, "one was for once, and one for a month");
    let form = [("discounts[0][discount]", kept[0].as_str()), ("discounts[1][coupon]", "half")];
    subscriber.update(&form).await;
    assert_eq!((shown(&subscriber).await[0].clone(), shown(&subscriber).await.len()), (kept[0].clone(), 2));
    client.advance_to(NEW_YEAR + 62 * DAY).await;
    assert_eq!(subscriber.totals().await.pop(), Some(900));
    assert_eq!(shown(&subscriber).await, kept);
    let path = format!("/v1/subscriptions/{}/discount", subscriber.subscription);
    client.delete(&path).await.ok();
    client.delete(&path).await.error(404);
}

#[tokio::test]
async fn customer_coupon_applies_after_the_subscriptions_and_ends_when_used() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let price = client.monthly_price("Pro", "usd", 2000).await;
    coupon(&client, "half", ("percent_off", "50"), "once").await;
    coupon(&client, "tenth", ("percent_off", "10"), "once").await;
    let subscriber = subscribed(&client, &price, &[("discounts[0][coupon]", "half")]).await;
    let path = format!("/v1/customers/{}", subscriber.customer);
    client.post(&path, &[("coupon", "tenth")]).await.ok();
    assert!(client.get(&path).await.ok()["discount"].is_object());
    client.advance_to(NEW_YEAR + 65 * DAY).await;
    assert_eq!(subscriber.totals().await, [1000, 1800, 2000]);
    assert!(client.get(&path).await.ok()["discount"].is_null());
    client.delete(&format!("{path}/discount")).await.error(404);
}

#[tokio::test]
async fn a_coupon_for_once_of_a_phase_is_given_once_however_often_the_schedule_is_changed() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let price = client.monthly_price("Pro", "usd", 2000).await;
    coupon(&client, "half", ("percent_off", "50"), "once").await;
    let customer = client.customer_with_card().await;
    let phase = [
        ("phases[0][items][0][price]", price.as_str()),
        ("phases[0][discounts][0][coupon]", "half"),
        ("phases[0][iterations]", "3"),
    ];
    let form = [("customer", customer.as_str()), ("start_date", "now")];
    let id = client.post("/v1/subscription_schedules", &[&form[..], &phase].concat()).await.id();
    client.advance_to(NEW_YEAR + 2 * DAY).await;
    let start = NEW_YEAR.to_string();
    for _ in 0..2 {
        let form = [&phase[..], &[("phases[0][start_date]", start.as_str())]].concat();
        client.post(&format!("/v1/subscription_schedules/{id}"), &form).await.ok();
    }
    client.advance_to(NEW_YEAR + 32 * DAY).await;
    let invoices = client.get("/v1/invoices").await.ok()["data"].as_array().unwrap().clone();
    let totals: Vec<_> = invoices.iter().map(|it| it["total"].as_i64().unwrap()).collect();
    assert_eq!(totals, [2000, 1000]);
    assert_eq!(client.get("/v1/coupons/half").await.ok()["times_redeemed"], 1);
}
