//! Changes within a period, billed by what is left of it.

use serde_json::json;

use crate::{
    client::Client,
    sandbox,
    subscriber::{Invoice, Subscriber, line, proration},
};

// April has 30 days, so the 16th is its half: 15 × 86400 of 30 × 86400 seconds are left.
const APR_1: i64 = 1_775_001_600;
const APR_16: i64 = 1_776_297_600;
const MAY_1: i64 = 1_777_593_600;
const JUN_1: i64 = 1_780_272_000;
const HOUR: i64 = 3600;

const CYCLE: &str = "subscription_cycle";
const UPDATED: &str = "subscription_update";

/// Half a month into a subscription to the first price.
async fn half_way(client: &Client, price: &str) -> Subscriber {
    client.advance_to(APR_1).await;
    let mut subscriber = Subscriber::new(client).await;
    subscriber.subscribe(price, &[]).await;
    client.advance_to(APR_16).await;
    subscriber.is("active", APR_1, MAY_1).await;
    subscriber
}

#[tokio::test]
async fn an_upgrade_that_is_invoiced_at_once_rounds_each_line_half_away_from_zero() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let small = client.monthly_price("Small", "usd", 2001).await;
    let large = client.monthly_price("Large", "usd", 5001).await;
    let subscriber = half_way(&client, &small).await;
    subscriber.change_price(&large, "always_invoice").await;
    // 2001 / 2 = 1000.5 → 1001; 5001 / 2 = 2500.5 → 2501; 2501 − 1001 = 1500
    let lines = vec![proration(-1001, APR_16, MAY_1), proration(2501, APR_16, MAY_1)];
    subscriber.has_invoices(2, &Invoice::paid(UPDATED, 1500, lines)).await;
    // The next renewal has nothing left to settle.
    client.advance_to(MAY_1 + HOUR).await;
    subscriber.has_invoices(3, &Invoice::paid(CYCLE, 5001, vec![line(5001, MAY_1, JUN_1)])).await;
}

#[tokio::test]
async fn three_decimal_prorations_round_half_a_step_of_ten_away_from_zero() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let small = client.monthly_price("Small", "kwd", 6010).await;
    let large = client.monthly_price("Large", "kwd", 15010).await;
    let subscriber = half_way(&client, &small).await;
    subscriber.change_price(&large, "always_invoice").await;
    // 6010 / 2 = 3005 → 3010; 15010 / 2 = 7505 → 7510; 7510 − 3010 = 4500
    let lines = vec![proration(-3010, APR_16, MAY_1), proration(7510, APR_16, MAY_1)];
    subscriber.has_invoices(2, &Invoice::paid(UPDATED, 4500, lines)).await;
}

#[tokio::test]
async fn a_change_without_prorations_costs_nothing_until_the_renewal() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let basic = client.monthly_price("Basic", "usd", 2000).await;
    let pro = client.monthly_price("Pro", "usd", 5000).await;
    let subscriber = half_way(&client, &basic).await;
    subscriber.change_price(&pro, "none").await;
    assert_eq!(subscriber.invoices().await.len(), 1);
    client.advance_to(MAY_1 + HOUR).await;
    subscriber.has_invoices(2, &Invoice::paid(CYCLE, 5000, vec![line(5000, MAY_1, JUN_1)])).await;
}

#[tokio::test]
async fn more_seats_are_credited_at_the_old_quantity_and_charged_at_the_new_one() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let seat = client.monthly_price("Seat", "jpy", 1000).await;
    let subscriber = half_way(&client, &seat).await;
    let item = subscriber.read().await["items"]["data"][0]["id"].as_str().unwrap().to_owned();
    subscriber.update(&[("items[0][id]", &item), ("items[0][quantity]", "3")]).await;
    client.advance_to(MAY_1 + HOUR).await;
    // Half of 1 × 1000 back, half of 3 × 1000 to pay, and the next month of 3 × 1000.
    let lines =
        vec![proration(-500, APR_16, MAY_1), proration(1500, APR_16, MAY_1), line(3000, MAY_1, JUN_1)];
    subscriber.has_invoices(2, &Invoice::paid(CYCLE, 4000, lines)).await;
}

#[tokio::test]
async fn each_of_two_changes_in_one_period_is_prorated_from_its_own_moment() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let basic = client.monthly_price("Basic", "usd", 2000).await;
    let pro = client.monthly_price("Pro", "usd", 5000).await;
    let subscriber = half_way(&client, &basic).await;
    subscriber.change_price(&pro, "create_prorations").await;
    let apr_26 = MAY_1 - 5 * 86400;
    client.advance_to(apr_26).await;
    subscriber.change_price(&basic, "create_prorations").await;
    client.advance_to(MAY_1 + HOUR).await;
    let lines = vec![
        // 2000 / 2, 5000 / 2
        proration(-1000, APR_16, MAY_1),
        proration(2500, APR_16, MAY_1),
        // 5 of 30 days: 5000 / 6 = 833.33, 2000 / 6 = 333.33
        proration(-833, apr_26, MAY_1),
        proration(333, apr_26, MAY_1),
        line(2000, MAY_1, JUN_1),
    ];
    subscriber.has_invoices(2, &Invoice::paid(CYCLE, 3000, lines)).await;
}

#[tokio::test]
async fn a_preview_tells_what_the_change_will_cost_and_changes_nothing() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let basic = client.monthly_price("Basic", "usd", 2000).await;
    let pro = client.monthly_price("Pro", "usd", 5000).await;
    let subscriber = half_way(&client, &basic).await;
    let before = subscriber.read().await;
    let item = before["items"]["data"][0]["id"].as_str().unwrap();
    let form = [
        ("subscription", subscriber.subscription.as_str()),
        ("subscription_details[items][0][id]", item),
        ("subscription_details[items][0][price]", &pro),
        ("subscription_details[proration_behavior]", "create_prorations"),
    ];
    let preview = client.post("/v1/invoices/create_preview", &form).await.ok();
    // −2000 / 2 + 5000 / 2 + 5000
    assert_eq!((&preview["total"], &preview["amount_due"]), (&json!(6500), &json!(6500)));
    assert_eq!(preview["lines"]["data"].as_array().unwrap().len(), 3);
    assert_eq!(subscriber.read().await, before);
    client.advance_to(MAY_1 + HOUR).await;
    subscriber.has_invoices(2, &Invoice::paid(CYCLE, 2000, vec![line(2000, MAY_1, JUN_1)])).await;
}
