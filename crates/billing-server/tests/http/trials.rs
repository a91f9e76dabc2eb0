//! The trial of a subscription, moved and ended.

use std::time::Duration;

use billing_testing::{Suite, TestDatabase};
use serde_json::{Value, json};

use crate::shop::{Shop, unsynced};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_sqlite("a_trial_is_extended_and_ended_once", a_trial_is_extended_and_ended_once)
        .on_every_database(
            "a_timeline_has_what_was_and_what_will_be",
            a_timeline_has_what_was_and_what_will_be,
        )
        .on_sqlite(
            "a_payment_method_link_is_given_again_under_its_key_and_kept_nowhere",
            a_payment_method_link_is_kept_nowhere,
        )
}

impl Shop {
    /// The path of a subscription in its trial.
    pub(crate) async fn tried(&self, user: &str) -> String {
        let price = json!({ "amount": { "minorUnits": 1_250, "currency": "USD" }, "interval": "month" });
        self.plan(&json!({ "key": "tried", "name": "Tried", "trialDays": 7, "prices": [price] })).await;
        format!("/subscriptions/{}", self.sold(user, "tried").await)
    }
}

impl Shop {
    /// Waits until an invoice of this amount is mirrored as paid.
    async fn is_charged(&self, cents: i64) {
        let amount = json!({ "minorUnits": cents, "currency": "USD" });
        for _ in 0..200 {
            let paid = self.get("/invoices?status=paid").await.json();
            if paid["items"].as_array().unwrap().iter().any(|invoice| invoice["amountPaid"] == amount) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("no invoice of {cents} was paid");
    }
}

async fn a_trial_is_extended_and_ended_once(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let path = shop.tried("ada").await;
    let trial = format!("{path}/trial");
    let before = shop.get(&path).await.json();
    assert_eq!(before["status"], "trialing");
    let year: u32 = before["trialEnd"].as_str().unwrap()[..4].parse().unwrap();
    let end = format!("{}-06-15T12:00:00.000Z", year + 1);

    for key in ["first", "first", "second"] {
        let extended = shop.once(&trial, key, &json!({ "endsAt": end })).await;
        assert_eq!(extended.status, 200, "{}", extended.text);
        assert_eq!(
            (&extended.json()["trialEnd"], &extended.json()["status"]),
            (&json!(end), &json!("trialing"))
        );
    }
    let past = shop.post(&trial, &json!({ "endsAt": "2020-01-01T00:00:00Z" })).await;
    assert_eq!(past.refusal(), (400, "invalid_request".to_owned()));
    assert_eq!(past.json()["details"], json!({ "field": "endsAt" }));

    let ended = shop.once(&trial, "third", &json!({ "endsNow": true })).await;
    assert_eq!((ended.status.as_u16(), &ended.json()["status"]), (200, &json!("active")), "{}", ended.text);
    let repeat = shop.once(&trial, "third", &json!({ "endsNow": true })).await;
    assert_eq!(unsynced(&repeat), unsynced(&ended));
    let again = shop.post(&trial, &json!({ "endsNow": true })).await;
    assert_eq!(again.refusal(), (409, "subscription_not_trialing".to_owned()));

    shop.is_charged(1_250).await;
    let log = shop.log().await;
    let requested = |event: &str| log.iter().filter(|(_, logged)| logged == event).count();
    assert_eq!((requested("change_trial_requested"), requested("end_trial_requested")), (1, 1), "{log:?}");
    assert_eq!(shop.get(&path).await.json()["cancelAt"], Value::Null);
}

async fn a_timeline_has_what_was_and_what_will_be(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let path = shop.tried("ada").await;
    let timeline = format!("{path}/timeline");
    let trial_end = shop.get(&path).await.json()["trialEnd"].clone();

    let amount = json!({ "minorUnits": 1_250, "currency": "USD" });
    let first_charge = json!([{ "kind": "trial_end", "at": trial_end, "amount": amount, "invoiceId": null }]);
    assert_eq!(shop.get(&timeline).await.json()["upcoming"], first_charge);
    assert_eq!(shop.post(&format!("{path}/cancel"), &json!({ "atPeriodEnd": true })).await.status, 200);
    let end = json!([{ "kind": "end", "at": trial_end, "amount": null, "invoiceId": null }]);
    assert_eq!(shop.get(&timeline).await.json()["upcoming"], end);

    let told = |entry: &Value| {
        let word = |value: &Value| value.as_str().unwrap().to_owned();
        [word(&entry["subject"]), word(&entry["event"]), word(&entry["actor"]["kind"])]
    };
    let entries: Vec<_> = shop.paged(&timeline, "", 1).await.iter().map(told).collect();
    let at = |subject: &str, event: &str, actor: &str| {
        let entry = [subject, event, actor].map(str::to_owned);
        entries.iter().position(|it| *it == entry).unwrap_or_else(|| panic!("{entry:?}: {entries:?}"))
    };
    let requested = at("subscription", "cancel_at_period_end_requested", "dashboard_user");
    assert!(at("subscription", "changed", "stripe") < requested);
    assert!(requested < at("subscription", "created", "stripe"));
    // Its first entry is none of the subscription's when the invoice was seen before the subscription.
    let invoice = entries.iter().rposition(|[subject, ..]| subject == "invoice").unwrap();
    assert!(requested < invoice);
    let attention = shop.get("/attention").await.json();
    assert_eq!(attention, json!({ "items": [], "nextCursor": null }));
}

async fn a_payment_method_link_is_kept_nowhere(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    shop.sold_plan("pro").await;
    let path = format!("/subscriptions/{}", shop.sold("ada", "pro").await);
    let link = format!("{path}/payment-method-link");

    let made = shop.once(&link, "first", &json!({})).await;

    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made.headers["cache-control"], "no-store");
    let url = made.json()["url"].as_str().unwrap().to_owned();
    assert_eq!(shop.once(&link, "first", &json!({})).await.json()["url"], json!(url));
    assert_ne!(shop.once(&link, "second", &json!({})).await.json()["url"], json!(url));
    let read = async |path: &str| shop.get(path).await.text;
    assert!(!read(&path).await.contains(&url) && !read(&format!("{path}/timeline")).await.contains(&url));
    assert_eq!(shop.cancel(path.rsplit('/').next().unwrap(), false).await.status, 200);
    let ended = shop.once(&link, "third", &json!({})).await;
    assert_eq!(ended.refusal(), (409, "subscription_ended".to_owned()));
}
