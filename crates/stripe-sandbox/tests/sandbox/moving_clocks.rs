//! What lives by a test clock, and how far it can be moved.

use serde_json::json;

use crate::{
    NEW_YEAR,
    client::{Answer, Client, ids},
    sandbox,
};

/// 1 January 2028: two years, of 365 days each.
const TWO_YEARS_LATER: i64 = NEW_YEAR + 730 * 86_400;
/// 1 March 2026.
const TWO_MONTHS_LATER: i64 = NEW_YEAR + 59 * 86_400;

struct Timed {
    client: Client,
    clock: String,
    customer: String,
}

impl Timed {
    async fn new(client: &Client) -> Self {
        let at = NEW_YEAR.to_string();
        let clock = client.post("/v1/test_helpers/test_clocks", &[("frozen_time", at.as_str())]).await.id();
        let form = [
            ("test_clock", clock.as_str()),
            ("payment_method", "pm_card_visa"),
            ("invoice_settings[default_payment_method]", "pm_card_visa"),
        ];
        let customer = client.post("/v1/customers", &form).await.id();
        Self { client: client.clone(), clock, customer }
    }

    async fn subscribe(&self) -> String {
        let price = self.client.monthly_price("Seat", "usd", 1000).await;
        self.client.subscribe(&self.customer, &price, &[]).await
    }

    async fn move_to(&self, at: i64) -> Answer {
        let path = format!("/v1/test_helpers/test_clocks/{}/advance", self.clock);
        self.client.post(&path, &[("frozen_time", &at.to_string())]).await
    }
}

#[tokio::test]
async fn subscriptions_of_a_test_clock_are_listed_for_it_and_for_their_customer_only() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let timed = Timed::new(&client).await;
    let theirs = timed.subscribe().await;
    let price = client.monthly_price("Seat", "usd", 1000).await;
    let other = client.subscribe(&client.customer_with_card().await, &price, &[]).await;
    let listed = |filter: String| {
        let client = client.clone();
        async move { ids(&client.get(&format!("/v1/subscriptions?limit=9{filter}")).await.ok()) }
    };
    assert_eq!(listed(String::new()).await, [other]);
    assert_eq!(listed(format!("&test_clock={}", timed.clock)).await, [theirs.as_str()]);
    assert_eq!(listed(format!("&customer={}", timed.customer)).await, [theirs]);
}

#[tokio::test]
async fn a_test_clock_without_subscriptions_moves_two_years_at_once() {
    let sandbox = sandbox().await;
    let timed = Timed::new(&Client::new(&sandbox)).await;
    assert_eq!(timed.move_to(TWO_YEARS_LATER + 1).await.error(400)["param"], "frozen_time");
    timed.move_to(TWO_YEARS_LATER).await.ok();
}

#[tokio::test]
async fn a_test_clock_moves_two_intervals_of_its_shortest_subscription_at_once() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let timed = Timed::new(&client).await;
    let yearly = [
        ("currency", "usd"),
        ("unit_amount", "9000"),
        ("recurring[interval]", "year"),
        ("product_data[name]", "Yearly"),
    ];
    let yearly = client.post("/v1/prices", &yearly).await.id();
    client.subscribe(&timed.customer, &yearly, &[]).await;
    let monthly = timed.subscribe().await;
    assert_eq!(timed.move_to(TWO_MONTHS_LATER + 1).await.error(400)["param"], "frozen_time");
    timed.move_to(TWO_MONTHS_LATER).await.ok();
    client.delete(&format!("/v1/subscriptions/{monthly}")).await.ok();
    timed.move_to(TWO_YEARS_LATER).await.ok();
    let clock = client.get(&format!("/v1/test_helpers/test_clocks/{}", timed.clock)).await.ok();
    assert_eq!((&clock["status"], &clock["frozen_time"]), (&json!("ready"), &json!(TWO_YEARS_LATER)));
}
