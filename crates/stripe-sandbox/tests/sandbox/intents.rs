//! Payment intents and setup intents: what they may be changed to, and paid with.

use crate::{client::Client, sandbox, shop::text};

const UNEXPECTED: &str = "setup_intent_unexpected_state";

async fn setup(client: &Client, form: &[(&str, &str)]) -> String {
    format!("/v1/setup_intents/{}", client.post("/v1/setup_intents", form).await.id())
}

#[tokio::test]
async fn a_setup_intent_that_is_over_is_not_begun_again() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let customer = client.customer_with_card().await;
    let done = setup(&client, &[("payment_method", "pm_card_visa"), ("confirm", "true")]).await;
    let canceled = setup(&client, &[]).await;
    client.post(&format!("{canceled}/cancel"), &[]).await.ok();
    for (intent, status) in [(&done, "succeeded"), (&canceled, "canceled")] {
        for change in [("payment_method", "pm_card_visa"), ("customer", &customer)] {
            let error = client.post(intent, &[change]).await.error(400);
            assert_eq!(error["code"], UNEXPECTED);
            assert!(text(&error["message"]).contains(status), "{error}");
        }
        let noted = client.post(intent, &[("metadata[a]", "1")]).await.ok();
        assert_eq!((&noted["status"], &noted["metadata"]["a"]), (&status.into(), &"1".into()));
        assert_eq!(client.post(&format!("{intent}/confirm"), &[]).await.error(400)["code"], UNEXPECTED);
    }
}

#[tokio::test]
async fn an_update_gives_a_setup_intent_its_customer() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let customer = client.customer_with_card().await;
    let intent = setup(&client, &[("payment_method", "pm_card_mastercard")]).await;
    let changed = client.post(&intent, &[("customer", &customer)]).await.ok();
    assert_eq!(changed["customer"], customer.as_str());
    let confirmed = client.post(&format!("{intent}/confirm"), &[]).await.ok();
    let method =
        client.get(&format!("/v1/payment_methods/{}", text(&confirmed["payment_method"]))).await.ok();
    assert_eq!(method["customer"], customer.as_str());
    assert_eq!(
        client.post(&setup(&client, &[]).await, &[("customer", "cus_no")]).await.error(400)["param"],
        "customer"
    );
}

#[tokio::test]
async fn a_status_is_told_in_the_words_of_the_api() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let done = setup(&client, &[("payment_method", "pm_card_visa"), ("confirm", "true")]).await;
    let error = client.post(&format!("{done}/cancel"), &[]).await.error(400);
    assert_eq!(error["message"], "You cannot cancel this SetupIntent because it has a status of succeeded.");
}

#[tokio::test]
async fn an_intent_takes_no_payment_method_of_another_or_of_nobody_any_more() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let (ada, bob) = (client.customer_with_card().await, client.customer_with_card().await);
    let of_ada = client.get(&format!("/v1/payment_methods?customer={ada}")).await.ok();
    let of_ada = text(&of_ada["data"][0]["id"]).to_owned();
    let detached = client.post("/v1/payment_methods/pm_card_visa/attach", &[("customer", &bob)]).await.id();
    client.post(&format!("/v1/payment_methods/{detached}/detach"), &[]).await.ok();
    let waiting = setup(&client, &[("customer", &bob)]).await;
    let owned = setup(&client, &[("customer", &ada), ("payment_method", &of_ada)]).await;
    for method in [&of_ada, &detached] {
        let form = [("customer", bob.as_str()), ("payment_method", method)];
        assert_eq!(client.post("/v1/setup_intents", &form).await.error(400)["param"], "payment_method");
        assert_eq!(client.post(&waiting, &form[1..]).await.error(400)["param"], "payment_method");
        let confirmed = client.post(&format!("{waiting}/confirm"), &form[1..]).await;
        assert_eq!(confirmed.error(400)["param"], "payment_method");
        let form = [("amount", "100"), ("currency", "usd"), form[0], form[1]];
        assert_eq!(client.post("/v1/payment_intents", &form).await.error(400)["param"], "payment_method");
    }
    assert_eq!(client.post(&owned, &[("customer", &bob)]).await.error(400)["param"], "payment_method");
}

#[tokio::test]
async fn a_browser_is_sent_back_to_an_address_of_the_web_only() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let customer = client.customer_with_card().await;
    let payment = client.post("/v1/payment_intents", &[("amount", "100"), ("currency", "usd")]).await.id();
    let payment = format!("/v1/payment_intents/{payment}/confirm");
    let intent = setup(&client, &[("payment_method", "pm_card_visa")]).await;
    let confirm = format!("{intent}/confirm");
    let checkout = [("mode", "setup"), ("currency", "usd"), ("success_url", "https://shop.example")];
    // Source: <https://docs.stripe.com/api/payment_intents/create>: `return_url` "can only be used with `confirm=true`".
    let paid =
        [("amount", "100"), ("currency", "usd"), ("confirm", "true"), ("payment_method", "pm_card_visa")];
    let url = "javascript:alert(1)";
    let cases = [
        ("/v1/payment_intents", paid.to_vec(), "return_url"),
        (&payment, vec![("payment_method", "pm_card_visa")], "return_url"),
        ("/v1/setup_intents", vec![("confirm", "true"), ("payment_method", "pm_card_visa")], "return_url"),
        (&confirm, vec![], "return_url"),
        ("/v1/checkout/sessions", vec![("mode", "setup"), ("currency", "usd")], "success_url"),
        ("/v1/checkout/sessions", checkout.to_vec(), "cancel_url"),
        ("/v1/billing_portal/sessions", vec![("customer", &customer)], "return_url"),
        ("/v1/webhook_endpoints", vec![("enabled_events[]", "*")], "url"),
    ];
    for (path, mut form, param) in cases {
        form.push((param, url));
        let error = client.post(path, &form).await.error(400);
        assert_eq!((&error["param"], &error["code"]), (&param.into(), &"url_invalid".into()), "{path}");
    }
}

#[tokio::test]
async fn an_intent_that_is_given_to_another_customer_does_not_keep_the_card_of_the_first() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let first = client.customer_with_card().await;
    let second = client.post("/v1/customers", &[]).await.id();
    let card =
        client.get(&format!("/v1/payment_methods?customer={first}")).await.ok()["data"][0]["id"].clone();
    let form = [
        ("amount", "2000"),
        ("currency", "usd"),
        ("customer", &first),
        ("payment_method", card.as_str().unwrap()),
    ];
    let intent = client.post("/v1/payment_intents", &form).await.id();
    let path = format!("/v1/payment_intents/{intent}");
    assert_eq!(client.post(&path, &[("customer", &second)]).await.error(400)["param"], "payment_method");
    assert_eq!(client.get(&path).await.ok()["customer"], first);
}
