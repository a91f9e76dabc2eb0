//! What requests do: release, cancel, update, and what is refused.

use serde_json::{Value, json};

use super::{APR_1, DAY, FEB_1, MAR_1, UPDATED, schedule, scheduled};
use crate::{
    NEW_YEAR,
    client::Client,
    sandbox,
    subscriber::{Invoice, proration},
};

#[tokio::test]
async fn releasing_lifts_the_end_that_the_schedule_set_unless_it_is_to_stay() {
    for (preserved, cancel_at) in [("false", Value::Null), ("true", json!(FEB_1))] {
        let sandbox = sandbox().await;
        let client = Client::new(&sandbox);
        let price = client.monthly_price("Basic", "usd", 2000).await;
        let (subscriber, id) = scheduled(&client, &price, &[("end_behavior", "cancel")]).await;
        assert_eq!(subscriber.read().await["cancel_at"], FEB_1);
        let path = format!("/v1/subscription_schedules/{id}/release");
        client.post(&path, &[("preserve_cancel_date", preserved)]).await.ok();
        let subscription = subscriber.read().await;
        assert_eq!((&subscription["schedule"], &subscription["cancel_at"]), (&Value::Null, &cancel_at));
        client.post(&path, &[]).await.error(400);
    }
}

#[tokio::test]
async fn a_scheduled_subscription_is_ended_through_its_schedule_or_at_once() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let price = client.monthly_price("Basic", "usd", 2000).await;
    let (mut subscriber, id) = scheduled(&client, &price, &[]).await;
    let path = format!("/v1/subscriptions/{}", subscriber.subscription);
    for field in ["cancel_at_period_end", "cancel_at"] {
        let value = if field == "cancel_at" { "1800000000" } else { "true" };
        let error = client.post(&path, &[(field, value)]).await.error(400);
        assert_eq!(error["param"], field);
    }
    client.delete(&path).await.ok();
    assert_eq!(schedule(&client, &id).await["status"], "canceled");
    subscriber.emitted(&[&["customer.subscription.deleted", "subscription_schedule.canceled"]]).await;
}

#[tokio::test]
async fn canceling_a_schedule_credits_what_is_left_unless_it_is_told_not_to() {
    for (form, balance) in
        [(vec![], -1000), (vec![("prorate", "false")], 0), (vec![("invoice_now", "false")], 0)]
    {
        let sandbox = sandbox().await;
        let client = Client::new(&sandbox);
        let price = client.monthly_price("Basic", "usd", 2000).await;
        client.advance_to(APR_1).await;
        let (subscriber, id) = scheduled(&client, &price, &[]).await;
        client.advance_to(APR_1 + 15 * DAY).await;
        let path = format!("/v1/subscription_schedules/{id}/cancel");
        let answer = client.post(&path, &form).await.ok();
        assert_eq!((&answer["status"], &answer["current_phase"]), (&json!("canceled"), &Value::Null));
        assert_eq!(subscriber.read().await["status"], "canceled");
        assert_eq!(subscriber.balance().await, balance, "{form:?}");
    }
}

#[tokio::test]
async fn an_update_replaces_the_current_phase_and_those_to_come() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let basic = client.monthly_price("Basic", "usd", 2000).await;
    let pro = client.monthly_price("Pro", "usd", 5000).await;
    let (subscriber, id) = scheduled(&client, &basic, &[("phases[1][items][0][price]", &basic)]).await;
    let path = format!("/v1/subscription_schedules/{id}");
    client.advance_to(FEB_1 + 14 * DAY).await;
    let error = client.post(&path, &[("phases[0][items][0][price]", &pro)]).await.error(400);
    assert_eq!(error["param"], "phases[0][start_date]");
    let (first, second) = (NEW_YEAR.to_string(), FEB_1.to_string());
    // The phase that is over is sent again, as a client that sends what it read does.
    let form = [
        ("phases[0][start_date]", first.as_str()),
        ("phases[0][items][0][price]", &basic),
        ("phases[1][start_date]", &second),
        ("phases[1][items][0][price]", &pro),
        ("phases[1][iterations]", "2"),
        ("proration_behavior", "always_invoice"),
    ];
    let answer = client.post(&path, &form).await.ok();
    let phases: Vec<_> =
        answer["phases"].as_array().unwrap().iter().map(|phase| &phase["end_date"]).collect();
    assert_eq!(phases, [&json!(FEB_1), &json!(APR_1)]);
    assert_eq!(answer["current_phase"], json!({ "start_date": FEB_1, "end_date": APR_1 }));
    // Half of February: −1000 + 2500.
    let middle = FEB_1 + 14 * DAY;
    let lines = vec![proration(-1000, middle, MAR_1), proration(2500, middle, MAR_1)];
    subscriber.has_invoices(3, &Invoice::paid(UPDATED, 1500, lines)).await;
    let form = [
        ("phases[0][start_date]", "now"),
        ("phases[0][items][0][price]", basic.as_str()),
        ("proration_behavior", "none"),
    ];
    let answer = client.post(&path, &form).await.ok();
    let starts: Vec<_> = answer["phases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|phase| phase["start_date"].as_i64().unwrap())
        .collect();
    assert_eq!(starts, [NEW_YEAR, FEB_1, middle]);
    assert_eq!(subscriber.read().await["items"]["data"][0]["price"]["id"], basic);
}

#[tokio::test]
async fn a_schedule_that_cannot_be_is_refused_by_the_name_of_its_parameter() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let price = client.monthly_price("Basic", "usd", 2000).await;
    let yen = client.monthly_price("Yen", "jpy", 2000).await;
    let customer = client.customer_with_card().await;
    let item = ("phases[0][items][0][price]", price.as_str());
    let now = ("start_date", "now");
    let cases: &[(&[(&str, &str)], &str)] = &[
        (&[item], "start_date"),
        (&[now], "phases"),
        (&[("start_date", "1"), item], "start_date"),
        (&[("start_date", "253402300799"), item], "start_date"),
        (&[now, ("phases[0][iterations]", "1")], "phases[0][items]"),
        (&[now, ("phases[0][items][0][price]", "price_none")], "phases[0][items][0][price]"),
        (&[now, item, ("phases[0][items][0][id]", "si_1")], "phases[0][items][0][id]"),
        (&[now, item, ("phases[0][start_date]", "now")], "phases[0][start_date]"),
        (&[now, item, ("phases[0][end_date]", "1767225600")], "phases[0][end_date]"),
        (&[now, item, ("phases[0][end_date]", "9223372036854775807")], "phases[0][end_date]"),
        (&[now, item, ("phases[0][iterations]", "0")], "phases[0][iterations]"),
        (&[now, item, ("phases[0][iterations]", "4294967295")], "phases[0][iterations]"),
        (&[now, item, ("phases[0][duration][interval]", "century")], "phases[0][duration][interval]"),
        (&[now, item, ("phases[0][trial_end]", "1999999999")], "phases[0][trial_end]"),
        (&[now, item, ("phases[0][discounts][0][coupon]", "none")], "phases[0][discounts][0][coupon]"),
        (&[now, item, ("phases[0][currency]", "eur")], "phases[0][currency]"),
        (&[now, item, ("phases[1][items][0][price]", &yen)], "phases[1][items]"),
        (&[now, item, ("end_behavior", "explode")], "end_behavior"),
        (
            &[now, item, ("default_settings[collection_method]", "send_invoice")],
            "default_settings[invoice_settings][days_until_due]",
        ),
        (&[item, ("from_subscription", "sub_none")], "customer"),
    ];
    for (more, param) in cases {
        let mut form = vec![("customer", customer.as_str())];
        form.extend_from_slice(more);
        let error = client.post("/v1/subscription_schedules", &form).await.error(400);
        assert_eq!(error["param"], *param, "{more:?}: {error}");
    }
    assert_eq!(client.get("/v1/subscription_schedules").await.ok()["data"], json!([]));
}
