//! Changes of plan, interval and seats: what is charged is what was shown.

use std::time::Duration;

use billing_testing::{Suite, TestDatabase};
use serde_json::{Value, json};

use crate::shop::Shop;
use crate::stripe_sandbox::{address_of, asked, client};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database(
            "plan_change_charges_what_was_shown_in_each_currency",
            plan_change_charges_what_was_shown_in_each_currency,
        )
        .on_sqlite("plan_change_is_refused_with_both_views", plan_change_is_refused_with_both_views)
        .on_sqlite("plan_change_is_made_once_under_its_key", plan_change_is_made_once_under_its_key)
}

/// Prices of two plans with odd digits, where the currency has them.
const PRICES: [(&str, i64, i64); 4] =
    [("USD", 1_999, 7_301), ("JPY", 1_999, 7_301), ("HUF", 199_900, 730_100), ("KWD", 1_990, 7_310)];

impl Shop {
    async fn priced_plan(&self, key: &str, amounts: &[(&str, i64)]) {
        let price = |(currency, minor_units): &(&str, i64)| json!({ "amount": { "minorUnits": minor_units, "currency": currency }, "interval": "month" });
        let prices: Vec<Value> = amounts.iter().map(price).collect();
        self.plan(&json!({ "key": key, "name": key, "prices": prices })).await;
    }

    /// The id of a subscription in a currency that its payer has paid for.
    async fn sold_in(&self, user: &str, currency: &str, seats: u32) -> String {
        let payer = json!({ "kind": "user", "id": user });
        let body = json!({
            "payer": payer, "plan": "small", "interval": "month", "currency": currency, "quantity": seats,
        });
        let link = self.post("/checkout-links", &body).await;
        assert_eq!(link.status, 201, "{}", link.text);
        self.service.pay(link.json()["url"].as_str().unwrap()).await;
        self.first_id(&format!("/subscriptions?payer={user}")).await
    }

    async fn passes(&self, seconds: i64) {
        let clock = format!("{}/_sandbox/clock", address_of(&self.service));
        asked(client().post(clock).json(&json!({ "advanceSeconds": seconds })).send().await).await;
    }

    /// The newest invoice with its lines, once there are so many.
    async fn nth_invoice(&self, subscription: &str, count: usize) -> Value {
        for _ in 0..200 {
            let listed = self.get(&format!("/invoices?subscription={subscription}")).await.json();
            let items = listed["items"].as_array().unwrap();
            if items.len() == count && items[0]["status"] == "paid" {
                return self.get(&format!("/invoices/{}", items[0]["id"].as_str().unwrap())).await.json();
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("there are never {count} invoices")
    }
}

/// The body of a confirmation.
fn confirming(change: &Value, preview: &Value) -> Value {
    let mut body = change.clone();
    body["proof"] = preview["proof"].clone();
    body
}

async fn plan_change_charges_what_was_shown_in_each_currency(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    shop.priced_plan("small", &PRICES.map(|(currency, small, _)| (currency, small))).await;
    shop.priced_plan("large", &PRICES.map(|(currency, _, large)| (currency, large))).await;
    let mut sold = Vec::new();
    for (currency, ..) in PRICES {
        sold.push((currency, shop.sold_in(&format!("user_{currency}"), currency, 5).await));
    }
    shop.passes(11 * 86_400 + 4_321).await;
    for (currency, subscription) in sold {
        let path = format!("/subscriptions/{subscription}/change-plan");
        for (invoices, change) in [
            (2, json!({ "plan": "large", "interval": "month" })),
            (3, json!({ "plan": "large", "interval": "month", "quantity": 8 })),
            (4, json!({ "plan": "large", "interval": "month", "quantity": 3 })),
        ] {
            let preview = shop.post(&format!("{path}/preview"), &change).await;
            assert_eq!(preview.status, 200, "{}", preview.text);
            let preview = preview.json();
            shop.passes(60).await;

            let changed = shop.post(&path, &confirming(&change, &preview)).await;

            assert_eq!(changed.status, 200, "{}", changed.text);
            let seats = change["quantity"].as_u64().unwrap_or(5);
            assert_eq!(changed.json()["quantity"], seats);
            assert_eq!(changed.json()["priceId"], preview["priceId"]);
            let invoice = shop.nth_invoice(&subscription, invoices).await;
            for field in ["total", "amountDue", "lines"] {
                assert_eq!(invoice[field], preview[field], "{currency} {field}");
            }
            assert_eq!(preview["total"]["currency"], currency);
            let is_credit = preview["total"]["minorUnits"].as_i64().unwrap() < 0;
            assert_eq!((is_credit, preview["amountDue"]["minorUnits"] == 0), (seats == 3, seats == 3));
        }
    }
}

async fn plan_change_is_refused_with_both_views(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    shop.priced_plan("small", &[("USD", 1_000)]).await;
    let subscription = shop.sold_in("ada", "USD", 1).await;
    let path = format!("/subscriptions/{subscription}/change-plan");
    let change = json!({ "plan": "small", "interval": "month", "quantity": 4 });
    let preview = shop.post(&format!("{path}/preview"), &change).await.json();
    // A merchant adds something to the next invoice meanwhile.
    let read = shop.get(&format!("/subscriptions/{subscription}")).await.json();
    let (stripe, key) = (format!("{}/v1", address_of(&shop.service)), billing_testing::MANAGED_KEY);
    let at_stripe = format!("{stripe}/subscriptions/{}", read["stripeId"].as_str().unwrap());
    let at_stripe = asked(client().get(at_stripe).bearer_auth(key).send().await).await;
    let item = format!("customer={}&amount=500&currency=usd", at_stripe["customer"].as_str().unwrap());
    let added = client().post(format!("{stripe}/invoiceitems")).bearer_auth(key).body(item);
    asked(added.header("content-type", "application/x-www-form-urlencoded").send().await).await;

    let refused = shop.post(&path, &confirming(&change, &preview)).await;

    assert_eq!(refused.refusal(), (409, "plan_change_outdated".to_owned()), "{}", refused.text);
    let details = &refused.json()["details"];
    assert_eq!(details["shown"]["total"], preview["total"]["minorUnits"]);
    assert_ne!(details["preview"]["total"], preview["total"]);
    let confirmed = shop.post(&path, &confirming(&change, &details["preview"])).await;
    assert_eq!((confirmed.status.as_u16(), &confirmed.json()["quantity"]), (200, &json!(4)));

    shop.cancel(&subscription, true).await;
    let refused =
        shop.post(&format!("{path}/preview"), &json!({ "plan": "small", "interval": "month" })).await;
    assert_eq!(refused.refusal(), (409, "subscription_not_changeable".to_owned()), "{}", refused.text);
    assert_eq!(refused.json()["details"]["subscription"]["id"], subscription.as_str());
}

async fn plan_change_is_made_once_under_its_key(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    shop.priced_plan("small", &[("USD", 1_000)]).await;
    let subscription = shop.sold_in("ada", "USD", 1).await;
    let path = format!("/subscriptions/{subscription}/change-plan");
    let change = json!({ "plan": "small", "interval": "month", "quantity": 4 });
    let preview = shop.post(&format!("{path}/preview"), &change).await.json();
    let confirmed = confirming(&change, &preview);

    let answers = futures_util::future::join_all((0..5).map(|_| shop.once(&path, "key_1", &confirmed))).await;

    for answer in answers {
        assert_eq!((answer.status.as_u16(), &answer.json()["quantity"]), (200, &json!(4)), "{}", answer.text);
    }
    shop.nth_invoice(&subscription, 2).await;
    let requested = shop.log().await;
    let count = |event: &str| requested.iter().filter(|(_, it)| it == event).count();
    assert_eq!((count("plan_change_requested"), count("plan_change_made")), (1, 1));
    let other = json!({ "plan": "small", "interval": "month", "quantity": 5, "proof": preview["proof"] });
    let reused = shop.once(&path, "key_1", &other).await;
    assert_eq!(reused.refusal(), (409, "idempotency_key_reused".to_owned()));
}
