//! The owner of a card authenticates a payment, or the saving of a card.

use serde_json::Value;

use super::{assert_page, form::Form, location};
use crate::{client::Client, sandbox};

/// A payment that waits, with its page.
async fn waiting(client: &Client, more: &[(&str, &str)]) -> (String, String) {
    let mut form = vec![
        ("amount", "2000"),
        ("currency", "usd"),
        ("payment_method", "pm_card_threeDSecure2Required"),
        ("confirm", "true"),
    ];
    form.extend_from_slice(more);
    let intent = client.post("/v1/payment_intents", &form).await.ok();
    assert_eq!(intent["status"], "requires_action");
    (id_of(&intent), page_of(&intent))
}

fn id_of(intent: &Value) -> String {
    intent["id"].as_str().unwrap().to_owned()
}

fn page_of(intent: &Value) -> String {
    let action = &intent["next_action"];
    let url = action["redirect_to_url"]["url"].as_str();
    let url = url.or_else(|| action["use_stripe_sdk"]["stripe_js"].as_str()).unwrap();
    reqwest::Url::parse(url).unwrap().path().to_owned()
}

async fn status(client: &Client, id: &str) -> Value {
    client.get(&format!("/v1/payment_intents/{id}")).await.ok()["status"].clone()
}

#[tokio::test]
async fn who_authenticates_pays_and_goes_back_with_the_outcome() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let (id, path) = waiting(&client, &[("return_url", "https://shop.example/done?cart=1")]).await;
    let page = client.get(&path).await;
    assert_page(&page, 200);
    for shown in ["$20.00", "Visa •••• 3220", "Sandbox shop"] {
        assert!(page.text.contains(shown), "{shown} is missing in {}", page.text);
    }
    let form = Form::of(&page, &path).with("outcome", "complete");
    let back = location(&form.send(&client).await);
    assert!(back.starts_with("https://shop.example/done?cart=1&"), "{back}");
    assert!(back.contains(&format!("payment_intent={id}&")), "{back}");
    assert!(back.ends_with("&redirect_status=succeeded"), "{back}");
    assert_eq!(status(&client, &id).await, "succeeded");
    assert_eq!(location(&form.send(&client).await), back, "the second click of a double click");
    assert_eq!(location(&form.with("outcome", "fail").send(&client).await), back, "an answer is final");
}

#[tokio::test]
async fn who_fails_does_not_pay() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let (id, path) = waiting(&client, &[("return_url", "https://shop.example/done")]).await;
    let form = Form::of(&client.get(&path).await, &path);
    let back = location(&form.with("outcome", "fail").send(&client).await);
    assert!(back.ends_with("&redirect_status=failed"), "{back}");
    assert_eq!(status(&client, &id).await, "requires_payment_method");
    let charges = client.get(&format!("/v1/charges?payment_intent={id}")).await.ok();
    assert_eq!(charges["data"][0]["status"], "failed");
}

#[tokio::test]
async fn a_payment_without_a_return_address_ends_on_a_page() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let (_, path) = waiting(&client, &[]).await;
    let form = Form::of(&client.get(&path).await, &path);
    let done = form.with("outcome", "complete").send(&client).await;
    assert_page(&done, 200);
    assert!(done.text.contains("Authentication is complete"), "{}", done.text);
    let again = client.get(&path).await;
    assert_page(&again, 200);
    assert!(again.text.contains("Authentication is complete"), "{}", again.text);
}

#[tokio::test]
async fn a_card_that_is_saved_charges_nothing() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let form = [("payment_method", "pm_card_authenticationRequiredOnSetup"), ("confirm", "true")];
    let intent = client.post("/v1/setup_intents", &form).await.ok();
    let path = page_of(&intent);
    let page = client.get(&path).await;
    assert_page(&page, 200);
    assert!(page.text.contains("the card is saved"), "{}", page.text);
    assert_page(&Form::of(&page, &path).with("outcome", "complete").send(&client).await, 200);
    let intent = client.get(&format!("/v1/setup_intents/{}", id_of(&intent))).await.ok();
    assert_eq!(intent["status"], "succeeded");
}

#[tokio::test]
async fn nothing_is_found_under_an_unknown_payment_or_the_account_of_another() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let (id, _) = waiting(&client, &[]).await;
    let other = client.with_key("sk_test_other").get("/v1/account").await.id();
    for path in [format!("/_sandbox/3ds/{other}/{id}"), format!("/_sandbox/3ds/acct_none/{id}")] {
        assert_page(&client.get(&path).await, 404);
        assert_page(&client.post(&path, &[("outcome", "complete")]).await, 404);
    }
    assert_eq!(status(&client, &id).await, "requires_action");
}
