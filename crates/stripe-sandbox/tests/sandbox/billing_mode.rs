//! Flexible billing, Stripe's default since API version 2025-09-30.clover:
//! <https://docs.stripe.com/billing/subscriptions/billing-mode/compare>.

use serde_json::json;

use crate::{NEW_YEAR, client::Client, sandbox, shop::text, subscriber::Subscriber};

type Form<'a> = &'a [(&'a str, &'a str)];

const DAY: i64 = 86_400;
const FEB_1: i64 = NEW_YEAR + 31 * DAY;
const APR_1: i64 = NEW_YEAR + 90 * DAY;
const MAY_1: i64 = APR_1 + 30 * DAY;
const NEXT_YEAR: i64 = NEW_YEAR + 365 * DAY;

/// 1.00 for each of the 365 days.
async fn yearly_price(client: &Client) -> String {
    let form = [
        ("currency", "usd"),
        ("unit_amount", "36500"),
        ("recurring[interval]", "year"),
        ("product_data[name]", "Yearly"),
    ];
    client.post("/v1/prices", &form).await.id()
}

async fn subscribed(client: &Client, price: &str, more: &[(&str, &str)]) -> Subscriber {
    let mut subscriber = Subscriber::new(client).await;
    subscriber.subscribe(price, more).await;
    subscriber
}

async fn monthly_price(client: &Client) -> String {
    client.monthly_price("Monthly", "usd", 3100).await
}

// "The billing_cycle_anchor is never automatically reset." Without a reset nothing is charged at once that the proration
// behavior does not charge; github.com/Kilo-Org/cloud/pull/1274 saw it so with `none`.
#[tokio::test]
async fn another_interval_keeps_the_anchor_and_is_prorated_up_to_its_next_period() {
    let cases = [
        ("create_prorations", vec![-2100, 35_500], vec![3100], 36_500 + 33_400),
        ("always_invoice", vec![], vec![3100, 33_400], 36_500),
        ("none", vec![], vec![3100], 36_500),
    ];
    for (behavior, pending, totals, renewal) in cases {
        let sandbox = sandbox().await;
        let client = Client::new(&sandbox);
        let (monthly, yearly) = (monthly_price(&client).await, yearly_price(&client).await);
        let subscriber = subscribed(&client, &monthly, &[]).await;
        client.advance_to(NEW_YEAR + 10 * DAY).await;
        let changed = subscriber.change_to(&yearly, &[("proration_behavior", behavior)]).await;
        assert_eq!(changed["billing_cycle_anchor"], NEW_YEAR);
        subscriber.is("active", NEW_YEAR, NEXT_YEAR).await;
        assert_eq!((subscriber.pending().await, subscriber.totals().await), (pending, totals), "{behavior}");
        client.advance_to(NEXT_YEAR).await;
        assert_eq!(subscriber.totals().await.pop(), Some(renewal), "{behavior}");
    }
}

#[tokio::test]
async fn a_shorter_interval_goes_on_in_the_period_that_the_anchor_gives() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let (monthly, yearly) = (monthly_price(&client).await, yearly_price(&client).await);
    let subscriber = subscribed(&client, &yearly, &[]).await;
    client.advance_to(APR_1 + 10 * DAY).await;
    subscriber.change_to(&monthly, &[]).await;
    subscriber.is("active", APR_1, MAY_1).await;
    // 265 of 365 days back; 20 of the 30 days of April.
    assert_eq!(subscriber.pending().await, [-26_500, 2067]);
    client.advance_to(MAY_1).await;
    assert_eq!(subscriber.totals().await, [36_500, 3100 - 26_500 + 2067]);
}

#[tokio::test]
async fn interval_there_and_back_costs_what_was_used() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let (monthly, yearly) = (monthly_price(&client).await, yearly_price(&client).await);
    let subscriber = subscribed(&client, &monthly, &[]).await;
    client.advance_to(NEW_YEAR + 10 * DAY).await;
    subscriber.change_to(&yearly, &[]).await;
    subscriber.change_to(&monthly, &[]).await;
    subscriber.is("active", NEW_YEAR, FEB_1).await;
    assert_eq!(subscriber.pending().await.iter().sum::<i64>(), 0);
}

// "Credit prorations use the original debited amount": what was billed for the item last, also by another interval.
#[tokio::test]
async fn a_change_after_one_without_prorations_credits_what_was_billed_last() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let (monthly, yearly) = (monthly_price(&client).await, yearly_price(&client).await);
    let subscriber = subscribed(&client, &monthly, &[]).await;
    client.advance_to(NEW_YEAR + 10 * DAY).await;
    subscriber.change_to(&yearly, &[("proration_behavior", "none")]).await;
    client.advance_to(NEW_YEAR + 20 * DAY).await;
    subscriber.change_to(&monthly, &[]).await;
    assert_eq!(subscriber.pending().await, [-1100, 1100]);
}

#[tokio::test]
async fn an_anchor_is_reset_when_it_is_asked_for() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let (monthly, yearly) = (monthly_price(&client).await, yearly_price(&client).await);
    let subscriber = subscribed(&client, &monthly, &[]).await;
    let now = NEW_YEAR + 10 * DAY;
    client.advance_to(now).await;
    let changed = subscriber.change_to(&yearly, &[("billing_cycle_anchor", "now")]).await;
    assert_eq!(changed["billing_cycle_anchor"], now);
    subscriber.is("active", now, now + 365 * DAY).await;
    assert_eq!(subscriber.totals().await, [3100, 36_500 - 2100]);
}

#[tokio::test]
async fn a_paid_price_after_a_free_one_is_prorated_and_moves_no_anchor() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let (free, paid) = (client.monthly_price("Free", "usd", 0).await, monthly_price(&client).await);
    let subscriber = subscribed(&client, &free, &[]).await;
    client.advance_to(NEW_YEAR + 10 * DAY).await;
    assert_eq!(subscriber.change_to(&paid, &[]).await["billing_cycle_anchor"], NEW_YEAR);
    subscriber.is("active", NEW_YEAR, FEB_1).await;
    assert_eq!((subscriber.totals().await, subscriber.pending().await), (vec![0], vec![2100]));
}

// "Prorations aren't applied to the first billing period" that `cancel_at` cuts short, with `none`.
#[tokio::test]
async fn a_first_period_that_an_end_cuts_short_is_billed_in_full_without_prorations() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let price = monthly_price(&client).await;
    let end = (NEW_YEAR + 10 * DAY).to_string();
    for (behavior, total) in [("none", 3100), ("create_prorations", 1000)] {
        let form = [("cancel_at", end.as_str()), ("proration_behavior", behavior)];
        let subscriber = subscribed(&client, &price, &form).await;
        assert_eq!(subscriber.totals().await, [total], "{behavior}");
    }
    client.advance_to(NEW_YEAR + 11 * DAY).await;
    let canceled = client.get("/v1/subscriptions?status=canceled").await.ok();
    assert_eq!(canceled["data"].as_array().unwrap().len(), 2);
    assert_eq!(client.get("/v1/invoices").await.ok()["data"].as_array().unwrap().len(), 2, "nothing is left");
}

// https://docs.stripe.com/changelog/basil/2025-07-30/cancel-at-enums: "the updated current_period_end is taken as the
// respective cancellation date".
#[tokio::test]
async fn an_end_of_the_period_is_that_of_the_period_a_change_leads_to() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let (monthly, yearly) = (monthly_price(&client).await, yearly_price(&client).await);
    let now = NEW_YEAR + 10 * DAY;
    let (kept, moved) = (subscribed(&client, &monthly, &[]).await, subscribed(&client, &monthly, &[]).await);
    client.advance_to(now).await;
    let end = ("cancel_at", "max_period_end");
    assert_eq!(kept.change_to(&yearly, &[end]).await["cancel_at"], NEXT_YEAR);
    let anew = ("billing_cycle_anchor", "now");
    assert_eq!(moved.change_to(&yearly, &[end, anew]).await["cancel_at"], now + 365 * DAY);
    let trial = (now + 5 * DAY).to_string();
    assert_eq!(kept.update(&[end, ("trial_end", &trial)]).await["cancel_at"], now + 5 * DAY);
}

#[tokio::test]
async fn a_line_of_a_trial_says_how_many_of_what_are_free() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let price = monthly_price(&client).await;
    let subscriber = subscribed(&client, &price, &[("trial_period_days", "7")]).await;
    let invoice = subscriber.last_invoice().await;
    assert_eq!(invoice["lines"]["data"][0]["description"], "Free trial for 1 × Monthly");
}

#[tokio::test]
async fn classic_billing_is_refused_by_name_and_flexible_taken_wherever_it_is_chosen() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let price = monthly_price(&client).await;
    let customer = client.customer_with_card().await;
    let customer = ("customer", customer.as_str());
    let calls: [(&str, &str, Form<'_>); 4] = [
        ("/v1/subscriptions", "billing_mode[type]", &[customer, ("items[0][price]", &price)]),
        (
            "/v1/checkout/sessions",
            "subscription_data[billing_mode][type]",
            &[
                customer,
                ("mode", "subscription"),
                ("success_url", "https://shop.example"),
                ("line_items[0][price]", &price),
                ("line_items[0][quantity]", "1"),
            ],
        ),
        (
            "/v1/subscription_schedules",
            "billing_mode[type]",
            &[customer, ("start_date", "now"), ("phases[0][items][0][price]", &price)],
        ),
        (
            "/v1/invoices/create_preview",
            "subscription_details[billing_mode][type]",
            &[customer, ("subscription_details[items][0][price]", &price)],
        ),
    ];
    for (path, param, form) in calls {
        let refused = client.post(path, &[form, &[(param, "classic")]].concat()).await.error(400);
        assert_eq!((text(&refused["type"]), &refused["param"]), ("invalid_request_error", &json!(param)));
        assert!(text(&refused["message"]).contains("`classic`"), "{path}: {refused}");
        client.post(path, &[form, &[(param, "flexible")]].concat()).await.ok();
    }
    let subscriptions = client.get("/v1/subscriptions").await.ok();
    let modes = subscriptions["data"].as_array().unwrap().iter().map(|it| &it["billing_mode"]);
    assert_eq!(
        modes.collect::<Vec<_>>(),
        [&json!({ "flexible": { "proration_discounts": "included" }, "type": "flexible" }); 2]
    );
}
