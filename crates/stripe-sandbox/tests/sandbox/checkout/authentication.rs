use serde_json::{Value, json};

use crate::{client::Client, sandbox};

const DAY: i64 = 86_400;
const TRIAL: &[(&str, &str)] = &[("subscription_data[trial_period_days]", "14")];

/// A session, begun with a card that must be authenticated, and the intent that waits.
async fn waiting(client: &Client, more: &[(&str, &str)]) -> (String, Value) {
    let session = client.checkout_of(more).await;
    let answer = client.pay(&session, "tok_threeDSecure2Required").await.ok();
    assert_eq!(answer["status"], "open");
    let intent = if answer["payment_intent"].is_object() { "payment_intent" } else { "setup_intent" };
    assert_eq!(answer[intent]["status"], "requires_action");
    (session, answer[intent].clone())
}

async fn statuses(client: &Client, objects: &str) -> Vec<Value> {
    client.all(&format!("/v1/{objects}")).await.iter().map(|it| it["status"].clone()).collect()
}

#[tokio::test]
async fn a_session_is_complete_once_the_card_is_authenticated() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    for (more, status) in [(&[][..], "active"), (TRIAL, "trialing")] {
        let (session, intent) = waiting(&client, more).await;
        assert!(
            !client.told().await.contains(&"checkout.session.completed".to_owned()) || status == "trialing"
        );
        assert_eq!(client.authenticate(&intent, "complete").await.status, 303);
        let done = client.session(&session).await;
        assert_eq!(done["status"], "complete");
        let path = format!("/v1/subscriptions/{}", done["subscription"].as_str().unwrap());
        let subscription = client.get(&path).await.ok();
        assert_eq!(subscription["status"], status);
        assert!(subscription["default_payment_method"].is_string());
    }
}

#[tokio::test]
async fn a_failed_authentication_ends_what_was_begun_and_another_card_can_pay() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let coupon = [("percent_off", "50"), ("duration", "forever"), ("max_redemptions", "1")];
    let coupon = client.post("/v1/coupons", &coupon).await.id();
    let (session, intent) = waiting(&client, &[("discounts[0][coupon]", &coupon)]).await;
    client.authenticate(&intent, "fail").await;
    let open = client.session(&session).await;
    assert_eq!((&open["status"], &open["subscription"]), (&json!("open"), &Value::Null));
    assert_eq!(statuses(&client, "subscriptions?status=all").await, ["incomplete_expired"]);
    assert_eq!(statuses(&client, "invoices").await, ["void"]);
    assert_eq!(client.get(&format!("/v1/coupons/{coupon}")).await.ok()["times_redeemed"], 0);
    let done = client.pay(&session, "tok_visa").await.ok();
    assert_eq!(done["status"], "complete");
    assert_eq!(statuses(&client, "subscriptions?status=all").await, ["active", "incomplete_expired"]);
    assert_eq!(client.all("/v1/customers").await.len(), 1, "who pays stays the same");
    assert_eq!(client.get(&format!("/v1/coupons/{coupon}")).await.ok()["times_redeemed"], 1);
}

#[tokio::test]
async fn another_card_takes_the_place_of_one_that_waits() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    for more in [&[][..], TRIAL] {
        let (session, intent) = waiting(&client, more).await;
        assert_eq!(client.pay(&session, "tok_visa").await.ok()["status"], "complete");
        let charges = client.all("/v1/charges").await.len();
        client.authenticate(&intent, "complete").await;
        assert_eq!(client.all("/v1/charges").await.len(), charges);
    }
    let found = statuses(&client, "subscriptions?status=all").await;
    assert_eq!(found, ["trialing", "active", "incomplete_expired"], "one that lives for each session");
}

#[tokio::test]
async fn the_same_card_again_waits_for_the_same_authentication() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let session = client.checkout_of(&[]).await;
    let card = client.loose_card("tok_threeDSecure2Required").await;
    let first = client.confirm(&session, &[("payment_method", &card)]).await.ok();
    let second = client.confirm(&session, &[("payment_method", &card)]).await.ok();
    assert_eq!(first["payment_intent"]["id"], second["payment_intent"]["id"]);
    assert_eq!(statuses(&client, "subscriptions?status=all").await, ["incomplete"]);
}

#[tokio::test]
async fn what_has_expired_while_it_waited_can_never_be_charged() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    for (more, by_hand) in [(&[][..], true), (&[][..], false), (TRIAL, true), (TRIAL, false)] {
        let (session, intent) = waiting(&client, more).await;
        if by_hand {
            client.post(&format!("/v1/checkout/sessions/{session}/expire"), &[]).await.ok();
        } else {
            client.advance_by(DAY + 1).await;
        }
        let expired = client.session(&session).await;
        assert_eq!((&expired["status"], &expired["url"]), (&json!("expired"), &Value::Null));
        client.authenticate(&intent, "complete").await;
        client.pay(&session, "tok_visa").await.error(400);
    }
    assert!(client.all("/v1/charges").await.is_empty());
    let begun = statuses(&client, "subscriptions?status=all").await;
    assert_eq!(begun, ["incomplete_expired", "incomplete_expired"]);
    assert!(statuses(&client, "invoices").await.iter().all(|status| status == "void"));
    client.advance_by(40 * DAY).await;
    assert!(client.all("/v1/charges").await.is_empty());
}

#[tokio::test]
async fn an_intent_of_an_open_session_is_left_to_the_session() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let (session, intent) = waiting(&client, &[]).await;
    let path = format!("/v1/payment_intents/{}", intent["id"].as_str().unwrap());
    for verb in ["confirm", "cancel"] {
        let error = client.post(&format!("{path}/{verb}"), &[]).await.error(400);
        assert!(error["message"].as_str().unwrap().contains(&session), "{error}");
    }
}

#[tokio::test]
async fn an_invoice_that_is_paid_by_another_way_completes_the_session_that_waits_for_it() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let (session, _) = waiting(&client, &[]).await;
    let invoice = client.all("/v1/invoices").await[0]["id"].as_str().unwrap().to_owned();
    client.post(&format!("/v1/invoices/{invoice}/pay"), &[("payment_method", "pm_card_visa")]).await.ok();
    assert_eq!(client.session(&session).await["status"], "complete");
    client.pay(&session, "tok_visa").await.error(400);
    assert_eq!(client.all("/v1/subscriptions").await.len(), 1);
}

#[tokio::test]
async fn a_card_is_kept_for_later_once_it_is_authenticated() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let customer = client.post("/v1/customers", &[("name", "Ada")]).await.id();
    let form = [("mode", "setup"), ("currency", "usd"), ("customer", &customer)];
    let session = client.checkout(&form).await.id();
    let answer = client.pay(&session, "tok_threeDSecure2Required").await.ok();
    client.authenticate(&answer["setup_intent"], "fail").await;
    assert_eq!(client.session(&session).await["status"], "open");
    let answer = client.pay(&session, "tok_threeDSecure2Required").await.ok();
    client.authenticate(&answer["setup_intent"], "complete").await;
    let done = client.session(&session).await;
    assert_eq!(
        (&done["status"], &done["payment_status"]),
        (&json!("complete"), &json!("no_payment_required"))
    );
    assert_eq!(client.all(&format!("/v1/payment_methods?customer={customer}")).await.len(), 1);
    let after = client.get(&format!("/v1/customers/{customer}")).await.ok();
    assert_eq!(after["email"], "ada@example.com", "a customer without an address gets the one of the form");
}
