//! What the clock alone does: phases begin, are billed and end.

use serde_json::{Value, json};

use super::{APR_1, CREATED, CYCLE, DAY, FEB_1, HOUR, MAR_1, UPDATED, schedule, scheduled};
use crate::{
    NEW_YEAR,
    client::Client,
    sandbox,
    subscriber::{Invoice, Line, Subscriber, line, proration},
};

#[tokio::test]
async fn the_first_invoice_can_be_changed_for_an_hour_while_the_subscription_runs() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let price = client.monthly_price("Basic", "usd", 2000).await;
    let (subscriber, id) = scheduled(&client, &price, &[]).await;
    subscriber.is("active", NEW_YEAR, FEB_1).await;
    assert_eq!(subscriber.read().await["schedule"], id);
    let lines = || vec![line(2000, NEW_YEAR, FEB_1)];
    subscriber.has_invoices(1, &Invoice::draft(CREATED, 2000, lines())).await;
    client.advance_to(NEW_YEAR + HOUR).await;
    subscriber.has_invoices(1, &Invoice::paid(CREATED, 2000, lines())).await;
}

#[tokio::test]
async fn a_first_invoice_that_fails_leaves_the_subscription_past_due_and_is_tried_again() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let price = client.monthly_price("Basic", "usd", 2000).await;
    let (subscriber, id) = scheduled(&client, &price, &[("phases[0][iterations]", "3")]).await;
    client.replace_card(&subscriber.customer, "pm_card_chargeCustomerFail").await;
    client.advance_to(NEW_YEAR + HOUR).await;
    subscriber.is("past_due", NEW_YEAR, FEB_1).await;
    let invoice = subscriber.invoices().await.pop().unwrap();
    assert_eq!(invoice["next_payment_attempt"], NEW_YEAR + HOUR + 3 * DAY);
    client.advance_to(NEW_YEAR + HOUR + 15 * DAY).await;
    assert_eq!(subscriber.read().await["status"], "canceled");
    assert_eq!(schedule(&client, &id).await["status"], "canceled");
    let kinds: Vec<_> = client.events().await.into_iter().map(|event| event["type"].clone()).collect();
    assert!(kinds.contains(&json!("subscription_schedule.aborted")), "{kinds:?}");
}

#[tokio::test]
async fn a_phase_that_begins_with_a_renewal_is_what_is_billed() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let basic = client.monthly_price("Basic", "usd", 2000).await;
    let pro = client.monthly_price("Pro", "usd", 5000).await;
    let phases = [("phases[1][items][0][price]", pro.as_str())];
    let (mut subscriber, id) = scheduled(&client, &basic, &phases).await;
    client.advance_to(FEB_1 + HOUR).await;
    subscriber.has_invoices(2, &Invoice::paid(CYCLE, 5000, vec![line(5000, FEB_1, MAR_1)])).await;
    let current = &schedule(&client, &id).await["current_phase"];
    assert_eq!(*current, json!({ "start_date": FEB_1, "end_date": MAR_1 }));
    let told = [&["subscription_schedule.created", "subscription_schedule.updated", "invoice.paid"][..]];
    subscriber.emitted(&told).await;
    client.advance_to(MAR_1 + HOUR).await;
    subscriber.has_invoices(3, &Invoice::paid(CYCLE, 5000, vec![line(5000, MAR_1, APR_1)])).await;
    assert_eq!(schedule(&client, &id).await["status"], "released");
    assert_eq!(subscriber.read().await["schedule"], Value::Null);
}

#[tokio::test]
async fn the_new_phase_is_billed_too_where_the_schedule_is_younger_than_its_subscription() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let basic = client.monthly_price("Basic", "jpy", 2000).await;
    let pro = client.monthly_price("Pro", "jpy", 5000).await;
    let mut subscriber = Subscriber::new(&client).await;
    subscriber.subscribe(&basic, &[]).await;
    let form = [("from_subscription", subscriber.subscription.as_str())];
    let id = client.post("/v1/subscription_schedules", &form).await.id();
    let start = NEW_YEAR.to_string();
    let end = FEB_1.to_string();
    let form = [
        ("phases[0][items][0][price]", basic.as_str()),
        ("phases[0][start_date]", &start),
        ("phases[0][end_date]", &end),
        ("phases[1][items][0][price]", &pro),
    ];
    client.post(&format!("/v1/subscription_schedules/{id}"), &form).await.ok();
    subscriber.has_invoices(1, &Invoice::paid(CREATED, 2000, vec![line(2000, NEW_YEAR, FEB_1)])).await;
    client.advance_to(FEB_1 + HOUR).await;
    subscriber.has_invoices(2, &Invoice::paid(CYCLE, 5000, vec![line(5000, FEB_1, MAR_1)])).await;
}

#[tokio::test]
async fn a_phase_that_begins_within_a_period_is_prorated_as_it_says() {
    // 20 of the 30 days of April: −2000 × 2 / 3 = −1333.33, 4000 × 2 / 3 = 2666.67.
    let (may, middle) = (APR_1 + 30 * DAY, APR_1 + 10 * DAY);
    let parts = || vec![proration(-1333, middle, may), proration(2667, middle, may)];
    let full = || line(4000, may, may + 31 * DAY);
    let renewal = |mut lines: Vec<Line>, total| {
        lines.push(full());
        Invoice::paid(CYCLE, total, lines)
    };
    let cases = [
        ("create_prorations", vec![renewal(parts(), 5334)]),
        ("always_invoice", vec![Invoice::paid(UPDATED, 1334, parts()), renewal(Vec::new(), 4000)]),
        ("none", vec![renewal(Vec::new(), 4000)]),
    ];
    for (behavior, wanted) in cases {
        let sandbox = sandbox().await;
        let client = Client::new(&sandbox);
        let basic = client.monthly_price("Basic", "usd", 2000).await;
        let pro = client.monthly_price("Pro", "usd", 4000).await;
        client.advance_to(APR_1).await;
        let until = middle.to_string();
        let phases = [
            ("phases[0][end_date]", until.as_str()),
            ("phases[1][items][0][price]", &pro),
            ("phases[1][proration_behavior]", behavior),
            ("phases[1][iterations]", "2"),
        ];
        let (subscriber, _) = scheduled(&client, &basic, &phases).await;
        let count = wanted.len();
        for (index, wanted) in wanted.iter().enumerate() {
            client.advance_to(if index + 1 < count { middle } else { may + HOUR }).await;
            subscriber.has_invoices(index + 2, wanted).await;
        }
    }
}

/// Months of 6.010 KWD until February, and then years of 60.100 KWD.
async fn monthly_then_yearly(client: &Client, more: &[(&str, &str)]) -> (Subscriber, String) {
    let monthly = client.monthly_price("Monthly", "kwd", 6010).await;
    let form = [
        ("currency", "kwd"),
        ("unit_amount", "60100"),
        ("recurring[interval]", "year"),
        ("product_data[name]", "Yearly"),
    ];
    let yearly = client.post("/v1/prices", &form).await.id();
    let phases = [&[("phases[1][items][0][price]", yearly.as_str())], more].concat();
    scheduled(client, &monthly, &phases).await
}

#[tokio::test]
async fn a_phase_with_another_interval_that_starts_its_own_period_is_billed_once() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let anew = [("phases[1][billing_cycle_anchor]", "phase_start")];
    let (subscriber, id) = monthly_then_yearly(&client, &anew).await;
    client.advance_to(FEB_1 + HOUR).await;
    let next = FEB_1 + 365 * DAY;
    subscriber.has_invoices(2, &Invoice::paid(UPDATED, 60100, vec![line(60100, FEB_1, next)])).await;
    subscriber.is("active", FEB_1, next).await;
    assert_eq!(schedule(&client, &id).await["current_phase"]["end_date"], next);
}

// https://docs.stripe.com/billing/subscriptions/billing-mode/compare: "The billing_cycle_anchor is never automatically
// reset"; github.com/Kilo-Org/cloud/pull/1274 saw that without `phase_start` and prorations nothing is billed.
#[tokio::test]
async fn a_phase_with_another_interval_keeps_the_anchor_and_bills_the_part_up_to_it() {
    // 334 of the 365 days: 54995.6, in steps of ten.
    for (behavior, part) in [("create_prorations", 55_000), ("none", 0)] {
        let sandbox = sandbox().await;
        let client = Client::new(&sandbox);
        let prorated = [("phases[1][proration_behavior]", behavior)];
        let (subscriber, _) = monthly_then_yearly(&client, &prorated).await;
        let subscription = [("subscription", subscriber.subscription.as_str())];
        let preview = client.post("/v1/invoices/create_preview", &subscription).await.ok();
        assert_eq!(preview["total"], part, "{behavior}");
        client.advance_to(FEB_1 + HOUR).await;
        let anniversary = NEW_YEAR + 365 * DAY;
        subscriber.has_invoices(2, &Invoice::paid(CYCLE, part, vec![line(part, FEB_1, anniversary)])).await;
        assert_eq!(subscriber.read().await["billing_cycle_anchor"], NEW_YEAR);
        subscriber.is("active", FEB_1, anniversary).await;
        client.advance_to(anniversary + HOUR).await;
        let next = anniversary + 365 * DAY;
        let full = Invoice::paid(CYCLE, 60100, vec![line(60100, anniversary, next)]);
        subscriber.has_invoices(3, &full).await;
    }
}

#[tokio::test]
async fn a_trial_phase_costs_nothing_and_the_next_one_is_paid() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let basic = client.monthly_price("Basic", "usd", 2000).await;
    let pro = client.monthly_price("Pro", "usd", 5000).await;
    let until = (NEW_YEAR + 14 * DAY).to_string();
    let phases = [
        ("phases[0][end_date]", until.as_str()),
        ("phases[0][trial]", "true"),
        ("phases[1][items][0][price]", &pro),
    ];
    let (subscriber, _) = scheduled(&client, &basic, &phases).await;
    subscriber.is("trialing", NEW_YEAR, NEW_YEAR + 14 * DAY).await;
    client.advance_to(NEW_YEAR + 14 * DAY + HOUR).await;
    let period = (NEW_YEAR + 14 * DAY, FEB_1 + 14 * DAY);
    subscriber.is("active", period.0, period.1).await;
    let invoices = subscriber.invoices().await;
    let totals: Vec<_> = invoices.iter().map(|invoice| invoice["total"].as_i64().unwrap()).collect();
    assert_eq!(totals, [0, 5000]);
}

#[tokio::test]
async fn phases_from_the_last_of_a_month_end_with_their_periods() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let basic = client.monthly_price("Basic", "usd", 2000).await;
    let pro = client.monthly_price("Pro", "usd", 5000).await;
    client.advance_to(FEB_1 - DAY).await;
    let (subscriber, _) = scheduled(&client, &basic, &[("phases[1][items][0][price]", &pro)]).await;
    // 31 January, 28 February, 31 March.
    let (february, march) = (MAR_1 - DAY, APR_1 - DAY);
    client.advance_to(february + HOUR).await;
    subscriber.has_invoices(2, &Invoice::paid(CYCLE, 5000, vec![line(5000, february, march)])).await;
    client.advance_to(march).await;
    assert_eq!(subscriber.read().await["schedule"], Value::Null);
}

#[tokio::test]
async fn the_last_phase_says_when_a_schedule_that_cancels_will_end() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let price = client.monthly_price("Basic", "usd", 2000).await;
    let phases = [("phases[1][items][0][price]", price.as_str()), ("end_behavior", "cancel")];
    let (mut subscriber, id) = scheduled(&client, &price, &phases).await;
    assert_eq!(subscriber.read().await["cancel_at"], Value::Null);
    client.advance_to(FEB_1 + HOUR).await;
    assert_eq!(subscriber.read().await["cancel_at"], MAR_1);
    subscriber.emitted(&[]).await;
    client.advance_to(MAR_1 + HOUR).await;
    let done = schedule(&client, &id).await;
    assert_eq!((&done["status"], &done["completed_at"]), (&json!("completed"), &json!(MAR_1)));
    let subscription = subscriber.read().await;
    assert_eq!((&subscription["status"], &subscription["ended_at"]), (&json!("canceled"), &json!(MAR_1)));
    assert_eq!(subscriber.invoices().await.len(), 2, "the end is not billed");
    let told = [
        "subscription_schedule.expiring",
        "subscription_schedule.completed",
        "customer.subscription.deleted",
    ];
    let events = subscriber.emitted(&[&told]).await;
    let expiring = events.iter().find(|event| event["type"] == told[0]).unwrap();
    assert_eq!(expiring["created"], MAR_1 - 7 * DAY);
    assert!(events.iter().all(|event| event["type"] != "subscription_schedule.canceled"));
}

#[tokio::test]
async fn a_coupon_goes_with_its_phase() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let price = client.monthly_price("Basic", "usd", 2000).await;
    let coupon = client.post("/v1/coupons", &[("percent_off", "25"), ("duration", "forever")]).await.id();
    let phases = [
        ("phases[0][discounts][0][coupon]", coupon.as_str()),
        ("phases[1][items][0][price]", &price),
        ("phases[1][discounts][0][coupon]", &coupon),
        ("phases[2][items][0][price]", &price),
    ];
    let (subscriber, _) = scheduled(&client, &price, &phases).await;
    client.advance_to(MAR_1 + HOUR).await;
    let totals: Vec<_> = subscriber.invoices().await.iter().map(|it| it["total"].as_i64().unwrap()).collect();
    assert_eq!(totals, [1500, 1500, 2000]);
    let redeemed = client.get(&format!("/v1/coupons/{coupon}")).await.ok();
    assert_eq!(redeemed["times_redeemed"], 1, "the discount of the first phase goes on in the second");
}

#[tokio::test]
async fn a_price_that_was_archived_since_still_starts_its_phase() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let basic = client.monthly_price("Basic", "usd", 2000).await;
    let pro = client.monthly_price("Pro", "usd", 5000).await;
    let (subscriber, _) = scheduled(&client, &basic, &[("phases[1][items][0][price]", &pro)]).await;
    client.post(&format!("/v1/prices/{pro}"), &[("active", "false")]).await.ok();
    client.advance_to(FEB_1).await;
    assert_eq!(subscriber.read().await["items"]["data"][0]["price"]["id"], pro);
}

#[tokio::test]
async fn one_that_waits_starts_by_the_clock_unless_its_customer_is_gone() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let price = client.monthly_price("Basic", "usd", 2000).await;
    let mut started = Vec::new();
    for _ in 0..2 {
        let customer = client.customer_with_card().await;
        let start = FEB_1.to_string();
        let form =
            [("customer", customer.as_str()), ("start_date", &start), ("phases[0][items][0][price]", &price)];
        let id = client.post("/v1/subscription_schedules", &form).await.id();
        started.push((customer, id));
    }
    client.delete(&format!("/v1/customers/{}", started[1].0)).await.ok();
    client.advance_to(FEB_1).await;
    let first = schedule(&client, &started[0].1).await;
    assert_eq!((&first["status"], &first["current_phase"]["start_date"]), (&json!("active"), &json!(FEB_1)));
    assert!(first["subscription"].is_string());
    assert_eq!(schedule(&client, &started[1].1).await["status"], "canceled");
}
