use serde_json::json;

use crate::{client::Client, sandbox};

const PATH: &str = "/v1/billing_portal/sessions";
const CONFIGURATIONS: &str = "/v1/billing_portal/configurations";
const CANCEL: (&str, &str) = ("flow_data[type]", "subscription_cancel");
const SUBSCRIPTION: &str = "flow_data[subscription_cancel][subscription]";

#[tokio::test]
async fn the_link_of_a_session_cannot_be_told_from_its_id() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let customer = client.customer_with_card().await;
    let session = client.post(PATH, &[("customer", customer.as_str())]).await.ok();
    let (id, url) = (session["id"].as_str().unwrap(), session["url"].as_str().unwrap());
    let secret = url.strip_prefix(&format!("{}/p/session/{id}_", sandbox.url())).unwrap();
    assert!(secret.len() >= 40 && secret.bytes().all(|it| it.is_ascii_alphanumeric()), "{url}");
}

#[tokio::test]
async fn a_session_returns_where_its_configuration_says_unless_it_says_otherwise() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let customer = client.customer_with_card().await;
    let form = [
        ("features[invoice_history][enabled]", "true"),
        ("default_return_url", "https://shop.example/account"),
    ];
    let configuration = client.post(CONFIGURATIONS, &form).await.id();
    let mut form = vec![("customer", customer.as_str()), ("configuration", &configuration)];
    let session = client.post(PATH, &form).await.ok();
    assert_eq!(session["return_url"], "https://shop.example/account");
    form.push(("return_url", "https://shop.example/here"));
    assert_eq!(client.post(PATH, &form).await.ok()["return_url"], "https://shop.example/here");
    form.push(("return_url", "javascript:alert(1)"));
    assert_eq!(client.post(PATH, &form).await.error(400)["param"], "return_url");
}

#[tokio::test]
async fn another_customers_subscription_is_refused_in_the_words_of_what_is_not_there() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let price = client.monthly_price("Basic", "usd", 2000).await;
    let (ada, bob) = (client.customer_with_card().await, client.customer_with_card().await);
    let of_bob = client.subscribe(&bob, &price, &[]).await;
    let mut messages = Vec::new();
    for id in [of_bob.as_str(), "sub_none"] {
        let error = client.post(PATH, &[("customer", &ada), CANCEL, (SUBSCRIPTION, id)]).await.error(400);
        assert_eq!((&error["code"], &error["param"]), (&json!("resource_missing"), &json!(SUBSCRIPTION)));
        messages.push(error["message"].as_str().unwrap().replace(id, "?"));
    }
    assert_eq!(messages[0], messages[1]);
    let form = [("customer", bob.as_str()), CANCEL, (SUBSCRIPTION, &of_bob)];
    let session = client.post(PATH, &form).await.ok();
    assert_eq!(session["flow"]["after_completion"]["type"], "portal_homepage");
}

#[tokio::test]
async fn a_flow_into_what_the_configuration_does_not_allow_is_refused() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let price = client.monthly_price("Basic", "usd", 2000).await;
    let customer = client.customer_with_card().await;
    let subscription = client.subscribe(&customer, &price, &[]).await;
    let history = ("features[invoice_history][enabled]", "true");
    let configuration = client.post(CONFIGURATIONS, &[history]).await.id();
    for (kind, name) in [
        ("payment_method_update", ""),
        ("subscription_cancel", "flow_data[subscription_cancel][subscription]"),
        ("subscription_update", "flow_data[subscription_update][subscription]"),
    ] {
        let mut form = vec![("customer", customer.as_str()), ("configuration", &configuration)];
        form.push(("flow_data[type]", kind));
        if !name.is_empty() {
            form.push((name, &subscription));
        }
        assert_eq!(client.post(PATH, &form).await.error(400)["param"], "flow_data[type]", "{kind}");
    }
}

#[tokio::test]
async fn a_confirmation_names_the_item_and_a_price_that_can_be_changed_to() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let (basic, pro) =
        (client.monthly_price("Basic", "usd", 2000).await, client.monthly_price("Pro", "usd", 5000).await);
    let customer = client.customer_with_card().await;
    let subscription = client.subscribe(&customer, &basic, &[]).await;
    let read = client.get(&format!("/v1/subscriptions/{subscription}")).await.ok();
    let item = read["items"]["data"][0]["id"].as_str().unwrap();
    let product = client.get(&format!("/v1/prices/{pro}")).await.ok();
    let form = [
        ("features[subscription_update][enabled]", "true"),
        ("features[subscription_update][default_allowed_updates][]", "price"),
        ("features[subscription_update][products][0][product]", product["product"].as_str().unwrap()),
        ("features[subscription_update][products][0][prices][]", &pro),
    ];
    let configuration = client.post(CONFIGURATIONS, &form).await.id();
    let confirm = |item: &str, price: &str, quantity: &str| {
        let step = "flow_data[subscription_update_confirm]";
        vec![
            ("customer".to_owned(), customer.clone()),
            ("configuration".to_owned(), configuration.clone()),
            ("flow_data[type]".to_owned(), "subscription_update_confirm".to_owned()),
            (format!("{step}[subscription]"), subscription.clone()),
            (format!("{step}[items][0][id]"), item.to_owned()),
            (format!("{step}[items][0][price]"), price.to_owned()),
            (format!("{step}[items][0][quantity]"), quantity.to_owned()),
        ]
    };
    let enterprise = client.monthly_price("Enterprise", "usd", 9000).await;
    for (form, wrong) in [
        (confirm("si_none", &pro, "1"), "id"),
        (confirm(item, "price_none", "1"), "price"),
        (confirm(item, &enterprise, "1"), "price"),
        (confirm(item, &pro, "2"), "quantity"),
    ] {
        let form: Vec<_> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let error = client.post(PATH, &form).await.error(400);
        let param = format!("flow_data[subscription_update_confirm][items][0][{wrong}]");
        assert_eq!(error["param"], param, "{error}");
    }
    let form = confirm(item, &pro, "1");
    let form: Vec<_> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let session = client.post(PATH, &form).await.ok();
    let wanted = json!([{ "id": item, "price": pro, "quantity": 1 }]);
    assert_eq!(session["flow"]["subscription_update_confirm"]["items"], wanted);
}
