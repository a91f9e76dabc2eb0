//! What a checkout shows is what is paid, also where the first period is a part or something else waits to be billed.

use serde_json::json;

use crate::{NEW_YEAR, client::Client, sandbox};

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

impl Client {
    /// A session for a price of 31.00 USD a month, whose periods begin at this moment.
    async fn anchored(&self, anchor: i64, more: &[(&str, &str)]) -> String {
        let price = self.monthly_price("Pro", "usd", 3100).await;
        let anchor = anchor.to_string();
        let form = [
            ("mode", "subscription"),
            ("line_items[0][price]", &price),
            ("line_items[0][quantity]", "1"),
            ("subscription_data[billing_cycle_anchor]", &anchor),
        ];
        self.checkout(&[&form, more].concat()).await.id()
    }

    async fn paid_amounts(&self) -> Vec<i64> {
        let charges = self.all("/v1/charges").await;
        charges.iter().map(|charge| charge["amount"].as_i64().unwrap()).collect()
    }
}

#[tokio::test]
async fn the_part_up_to_an_anchor_is_shown_and_paid() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let session = client.anchored(NEW_YEAR + 10 * DAY, &[]).await;
    // The whole period is from 11 December, which has 31 days as well.
    assert_eq!(client.session(&session).await["amount_total"], 1000);
    let card = client.loose_card("tok_visa").await;
    let form = [("payment_method", card.as_str()), ("expected_amount", "1000")];
    client.confirm(&session, &form).await.ok();
    assert_eq!(client.paid_amounts().await, [1000]);
    client.advance_to(NEW_YEAR + 11 * DAY).await;
    assert_eq!(client.paid_amounts().await, [3100, 1000]);
}

#[tokio::test]
async fn the_part_up_to_an_anchor_is_free_where_nothing_is_to_be_prorated() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let free = ("subscription_data[proration_behavior]", "none");
    let session = client.anchored(NEW_YEAR + 10 * DAY, &[free]).await;
    let done = client.pay(&session, "tok_visa").await.ok();
    assert_eq!((&done["amount_total"], &done["payment_status"]), (&json!(0), &json!("no_payment_required")));
    assert!(client.paid_amounts().await.is_empty());
    client.advance_to(NEW_YEAR + 11 * DAY).await;
    assert_eq!(client.paid_amounts().await, [3100]);
}

#[tokio::test]
async fn a_whole_period_is_paid_when_the_anchor_comes_before_the_payment() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let session = client.anchored(NEW_YEAR + 20 * HOUR, &[]).await;
    client.advance_to(NEW_YEAR + 21 * HOUR).await;
    assert_eq!(client.session(&session).await["amount_total"], 3100);
    assert_eq!(client.pay(&session, "tok_visa").await.ok()["status"], "complete");
    assert_eq!(client.paid_amounts().await, [3100]);
}

#[tokio::test]
async fn an_anchor_beyond_the_first_period_is_refused() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let price = client.monthly_price("Pro", "usd", 3100).await;
    let anchor = (NEW_YEAR + 32 * DAY).to_string();
    let form = [
        ("mode", "subscription"),
        ("line_items[0][price]", price.as_str()),
        ("line_items[0][quantity]", "1"),
        ("subscription_data[billing_cycle_anchor]", &anchor),
    ];
    let error = client.checkout(&form).await.error(400);
    assert_eq!(error["param"], "subscription_data[billing_cycle_anchor]");
}

#[tokio::test]
async fn what_waits_for_the_customer_is_not_paid_with_a_checkout_that_does_not_show_it() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let customer = client.post("/v1/customers", &[("email", "ada@example.com")]).await.id();
    let item = [("customer", customer.as_str()), ("amount", "700"), ("currency", "usd")];
    client.post("/v1/invoiceitems", &item).await.ok();
    let session = client.checkout_of(&[("customer", &customer)]).await;
    client.pay(&session, "tok_visa").await.ok();
    assert_eq!(client.paid_amounts().await, [2000]);
    client.advance_by(32 * DAY).await;
    assert_eq!(client.paid_amounts().await, [2700, 2000]);
}

#[tokio::test]
async fn checkout_leaves_customer_balance_to_next_invoice() {
    for (balance, renewal) in [("500", 2500), ("-500", 1500)] {
        let sandbox = sandbox().await;
        let client = Client::new(&sandbox);
        let customer = [("email", "ada@example.com"), ("balance", balance)];
        let customer = client.post("/v1/customers", &customer).await.id();
        let session = client.checkout_of(&[("customer", &customer)]).await;
        let card = client.loose_card("tok_visa").await;
        let form = [("payment_method", card.as_str()), ("expected_amount", "2000")];
        client.confirm(&session, &form).await.ok();
        assert_eq!(client.paid_amounts().await, [2000]);
        client.advance_by(32 * DAY).await;
        assert_eq!(client.paid_amounts().await, [renewal, 2000]);
    }
}

#[tokio::test]
async fn a_trial_that_a_checkout_shows_as_free_is_free_also_for_who_owes_something() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let customer = [("email", "ada@example.com"), ("balance", "500")];
    let customer = client.post("/v1/customers", &customer).await.id();
    let trial = ("subscription_data[trial_period_days]", "7");
    let session = client.checkout_of(&[("customer", &customer), trial]).await;
    client.pay(&session, "tok_visa").await.ok();
    assert!(client.paid_amounts().await.is_empty());
    client.advance_by(8 * DAY).await;
    assert_eq!(client.paid_amounts().await, [2500]);
}

#[tokio::test]
async fn checkout_leaves_customer_coupon_to_next_invoice() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let coupon = client.post("/v1/coupons", &[("percent_off", "50"), ("duration", "forever")]).await.id();
    let customer = client.post("/v1/customers", &[("coupon", coupon.as_str())]).await.id();
    let session = client.checkout_of(&[("customer", &customer)]).await;
    client.pay(&session, "tok_visa").await.ok();
    assert_eq!(client.paid_amounts().await, [2000]);
    client.advance_by(32 * DAY).await;
    assert_eq!(client.paid_amounts().await, [1000, 2000]);
}
