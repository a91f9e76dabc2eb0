//! The time that an invoice looks back on, which is not the time that its lines are for:
//! <https://docs.stripe.com/api/invoices/object#invoice_object-period_end>, stripe/stripe-dotnet#1611, mozilla/fxa#5137.

use serde_json::Value;

use crate::{NEW_YEAR, client::Client, sandbox, subscriber::Subscriber};

type Form<'a> = &'a [(&'a str, &'a str)];

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;
const FEB_1: i64 = NEW_YEAR + 31 * DAY;
const MAR_1: i64 = FEB_1 + 28 * DAY;

fn period(invoice: &Value) -> (i64, i64) {
    (invoice["period_start"].as_i64().unwrap(), invoice["period_end"].as_i64().unwrap())
}

async fn subscribed(client: &Client, more: &[(&str, &str)]) -> Subscriber {
    let price = client.monthly_price("Basic", "usd", 3100).await;
    let mut subscriber = Subscriber::new(client).await;
    subscriber.subscribe(&price, more).await;
    subscriber
}

async fn last_period(subscriber: &Subscriber) -> (i64, i64) {
    period(&subscriber.last_invoice().await)
}

/// As it was told of in its event.
async fn told_periods(client: &Client) -> Vec<(i64, i64)> {
    let events = client.events().await;
    let created = events.iter().filter(|event| event["type"] == "invoice.created");
    created.map(|event| period(&event["data"]["object"])).collect()
}

#[tokio::test]
async fn the_first_invoice_has_no_time_to_look_back_on_and_a_renewal_one_period() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let subscriber = subscribed(&client, &[]).await;
    assert_eq!(last_period(&subscriber).await, (NEW_YEAR, NEW_YEAR));
    client.advance_to(FEB_1).await;
    assert_eq!(last_period(&subscriber).await, (NEW_YEAR, FEB_1));
    client.advance_to(MAR_1 + HOUR).await;
    assert_eq!(last_period(&subscriber).await, (FEB_1, MAR_1));
    let told = [(NEW_YEAR, NEW_YEAR), (NEW_YEAR, FEB_1), (FEB_1, MAR_1)];
    assert_eq!(told_periods(&client).await, told);
}

#[tokio::test]
async fn the_invoice_after_a_trial_looks_back_on_the_trial() {
    for ends_early in [false, true] {
        let sandbox = sandbox().await;
        let client = Client::new(&sandbox);
        let subscriber = subscribed(&client, &[("trial_period_days", "10")]).await;
        assert_eq!(last_period(&subscriber).await, (NEW_YEAR, NEW_YEAR));
        let end = NEW_YEAR + if ends_early { 4 * DAY } else { 10 * DAY };
        client.advance_to(end).await;
        if ends_early {
            subscriber.update(&[("trial_end", "now")]).await;
        }
        assert_eq!(last_period(&subscriber).await, (NEW_YEAR, end));
        assert_eq!(told_periods(&client).await, [(NEW_YEAR, NEW_YEAR), (NEW_YEAR, end)]);
    }
}

#[tokio::test]
async fn an_anchor_after_a_trial_leaves_the_look_back_as_it_is() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let (trial, anchor) = (NEW_YEAR + 10 * DAY, NEW_YEAR + 20 * DAY);
    let (end, start) = (trial.to_string(), anchor.to_string());
    let subscriber = subscribed(&client, &[("trial_end", &end), ("billing_cycle_anchor", &start)]).await;
    client.advance_to(trial).await;
    assert_eq!(last_period(&subscriber).await, (NEW_YEAR, trial));
    client.advance_to(anchor).await;
    assert_eq!(last_period(&subscriber).await, (trial, anchor));
}

#[tokio::test]
async fn an_invoice_of_a_change_or_an_end_looks_back_on_nothing_and_never_ahead() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let subscriber = subscribed(&client, &[]).await;
    let dear = client.monthly_price("Dear", "usd", 6200).await;
    let now = NEW_YEAR + 10 * DAY;
    client.advance_to(now).await;
    subscriber.change_price(&dear, "always_invoice").await;
    assert_eq!(last_period(&subscriber).await, (now, now));
    client.advance_to(now + DAY).await;
    subscriber.update(&[("billing_cycle_anchor", "now")]).await;
    assert_eq!(last_period(&subscriber).await, (now + DAY, now + DAY));
    client.advance_to(now + 2 * DAY).await;
    let end = format!("/v1/subscriptions/{}?prorate=true&invoice_now=true", subscriber.subscription);
    client.delete(&end).await.ok();
    assert_eq!(last_period(&subscriber).await, (now + 2 * DAY, now + 2 * DAY));
}

#[tokio::test]
async fn an_end_that_was_set_looks_back_on_the_time_until_it() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let end = FEB_1 + 10 * DAY;
    let subscriber = subscribed(&client, &[]).await;
    client.advance_to(FEB_1 + DAY).await;
    subscriber.update(&[("cancel_at", &end.to_string())]).await;
    client.advance_to(end).await;
    subscriber.stands("canceled").await;
    assert_eq!(last_period(&subscriber).await, (FEB_1, end));
}

#[tokio::test]
async fn an_invoice_by_hand_is_of_the_moment_it_is_made() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let subscriber = subscribed(&client, &[]).await;
    client.advance_to(NEW_YEAR + DAY).await;
    let form = [("customer", subscriber.customer.as_str()), ("subscription", &subscriber.subscription)];
    let invoice = client.post("/v1/invoices", &form).await.ok();
    assert_eq!(period(&invoice), (NEW_YEAR + DAY, NEW_YEAR + DAY));
}

#[tokio::test]
async fn a_preview_has_the_period_of_the_invoice_it_shows() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let subscriber = subscribed(&client, &[]).await;
    let item = subscriber.read().await["items"]["data"][0]["id"].as_str().unwrap().to_owned();
    let now = NEW_YEAR + 10 * DAY;
    client.advance_to(now).await;
    let subscription = ("subscription", subscriber.subscription.as_str());
    let price = client.monthly_price("Other", "usd", 500).await;
    let more = ("subscription_details[items][0][quantity]", "2");
    let cases: [(Form<'_>, (i64, i64)); 4] = [
        (&[subscription], (NEW_YEAR, FEB_1)),
        (&[subscription, ("subscription_details[items][0][id]", &item), more], (NEW_YEAR, FEB_1)),
        (
            &[
                subscription,
                ("subscription_details[items][0][id]", &item),
                more,
                ("subscription_details[proration_behavior]", "always_invoice"),
            ],
            (now, now),
        ),
        (
            &[("customer", &subscriber.customer), ("subscription_details[items][0][price]", &price)],
            (now, now),
        ),
    ];
    for (form, wanted) in cases {
        let preview = client.post("/v1/invoices/create_preview", form).await.ok();
        assert_eq!(period(&preview), wanted, "{form:?}");
    }
}
