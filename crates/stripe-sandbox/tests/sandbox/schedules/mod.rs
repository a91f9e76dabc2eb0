//! Schedules: phases that follow one another by the clock, and what each of them costs.

mod clock;
mod requests;

use serde_json::Value;

use crate::{NEW_YEAR, client::Client, subscriber::Subscriber};

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;
const FEB_1: i64 = NEW_YEAR + 31 * DAY;
const MAR_1: i64 = FEB_1 + 28 * DAY;
const APR_1: i64 = MAR_1 + 31 * DAY;

const CREATED: &str = "subscription_create";
const CYCLE: &str = "subscription_cycle";
const UPDATED: &str = "subscription_update";

/// A subscriber whose schedule starts now, with more parameters than `phases[0]` of the price.
async fn scheduled(client: &Client, price: &str, more: &[(&str, &str)]) -> (Subscriber, String) {
    let mut subscriber = Subscriber::new(client).await;
    let mut form = vec![
        ("customer", subscriber.customer.as_str()),
        ("start_date", "now"),
        ("phases[0][items][0][price]", price),
    ];
    form.extend_from_slice(more);
    let schedule = client.post("/v1/subscription_schedules", &form).await.ok();
    let text = |field: &str| schedule[field].as_str().unwrap().to_owned();
    subscriber.subscription = text("subscription");
    (subscriber, text("id"))
}

async fn schedule(client: &Client, id: &str) -> Value {
    client.get(&format!("/v1/subscription_schedules/{id}")).await.ok()
}
