use reqwest::Method;
use serde_json::{Value, json};

use crate::{client::Client, sandbox};

const ADA: &[(&str, &str)] = &[("name", "Ada")];

#[tokio::test]
async fn an_error_has_stripes_shape() {
    let sandbox = sandbox().await;
    let answer = Client::new(&sandbox).get("/v1/customers/cus_none").await;
    let error = answer.error(404);
    assert_eq!(error["type"], "invalid_request_error");
    assert_eq!(error["code"], "resource_missing");
    assert_eq!(error["param"], "id");
    assert_eq!(error["message"], "No such customer: 'cus_none'");
    assert_eq!(error["doc_url"], "https://stripe.com/docs/error-codes/resource-missing");
    assert_eq!(answer.json().as_object().unwrap().len(), 1);
    assert_eq!(answer.header("content-type"), Some("application/json"));
}

#[tokio::test]
async fn nested_parameters_are_read() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let form = [("address[city]", "İzmir"), ("address[country]", "TR"), ("name", "a+b & c=d")];
    let customer = client.post("/v1/customers", &form).await.ok();
    assert_eq!(customer["address"]["city"], "İzmir");
    assert_eq!(customer["address"]["line1"], Value::Null);
    assert_eq!(customer["name"], "a+b & c=d");
}

#[tokio::test]
async fn an_array_is_read_with_and_without_indices() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let url = ("url", "http://127.0.0.1:9/hook");
    for (first, second) in [
        ("enabled_events[]", "enabled_events[]"),
        ("enabled_events[0]", "enabled_events[1]"),
        ("enabled_events[3]", "enabled_events[10]"),
    ] {
        let form = [url, (first, "invoice.paid"), (second, "invoice.created")];
        let endpoint = client.post("/v1/webhook_endpoints", &form).await.ok();
        assert_eq!(
            endpoint["enabled_events"],
            json!(["invoice.paid", "invoice.created"]),
            "{first} {second}"
        );
    }
    let reversed = [url, ("enabled_events[1]", "invoice.created"), ("enabled_events[0]", "invoice.paid")];
    let endpoint = client.post("/v1/webhook_endpoints", &reversed).await.ok();
    assert_eq!(endpoint["enabled_events"], json!(["invoice.paid", "invoice.created"]));
}

#[tokio::test]
async fn an_array_of_objects_is_read_with_and_without_indices() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let basic = client.monthly_price("Basic", "usd", 2000).await;
    let seats = client.monthly_price("Seats", "usd", 300).await;
    let customer = client.customer_with_card().await;
    for keys in [
        ["items[0][price]", "items[0][quantity]", "items[1][price]", "items[1][quantity]"],
        ["items[][price]", "items[][quantity]", "items[][price]", "items[][quantity]"],
    ] {
        let values = [basic.as_str(), "1", seats.as_str(), "4"];
        let mut form = vec![("customer", customer.as_str())];
        form.extend(keys.into_iter().zip(values));
        let subscription = client.post("/v1/subscriptions", &form).await.ok();
        let items = subscription["items"]["data"].as_array().unwrap();
        let found: Vec<_> = items.iter().map(|item| (&item["price"]["id"], &item["quantity"])).collect();
        assert_eq!(found, [(&json!(basic), &json!(1)), (&json!(seats), &json!(4))]);
    }
}

#[tokio::test]
async fn an_unknown_parameter_is_refused_by_its_name() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    for param in ["colour", "address[planet]", "invoice_settings[colour]"] {
        let error = client.post("/v1/customers", &[(param, "red")]).await.error(400);
        assert_eq!((&error["code"], &error["param"]), (&json!("parameter_unknown"), &json!(param)));
        let message = error["message"].as_str().unwrap();
        assert!(message.starts_with(&format!("Received unknown parameter: {param}")), "{message}");
    }
    let error = client.get("/v1/customers?colour=red").await.error(400);
    assert_eq!((&error["code"], &error["param"]), (&json!("parameter_unknown"), &json!("colour")));
    assert_eq!(client.get("/v1/customers").await.ok()["data"], json!([]));
}

#[tokio::test]
async fn parameters_are_read_from_the_query_and_the_body_of_any_method() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let customer =
        client.post("/v1/customers?name=Ada&phone=1", &[("phone", "2"), ("email", "a@b.c")]).await.ok();
    assert_eq!(
        (&customer["name"], &customer["phone"], &customer["email"]),
        (&json!("Ada"), &json!("2"), &json!("a@b.c"))
    );
    let path = format!("/v1/customers/{}", customer["id"].as_str().unwrap());
    let color = [("colour", "red")];
    let requests = [
        (Method::POST, "/v1/customers?colour=red".to_owned(), ADA),
        (Method::POST, "/v1/customers?colour=red".to_owned(), &[][..]),
        (Method::POST, format!("{path}?colour=red"), &[][..]),
        (Method::GET, path.clone(), &color[..]),
        (Method::DELETE, format!("{path}?colour=red"), &[][..]),
        (Method::DELETE, path.clone(), &color[..]),
        (Method::DELETE, format!("{path}?colour=red"), ADA),
    ];
    for (method, path, form) in requests {
        let error = client.attempt(method, &path, form).await.unwrap().error(400);
        assert_eq!(error["code"], "parameter_unknown", "{path}");
    }
    assert_eq!(client.get("/v1/customers").await.ok()["data"].as_array().unwrap().len(), 1);
    assert_eq!(client.get(&path).await.ok()["deleted"], Value::Null);
}

/// The README promises that nothing is ignored.
#[tokio::test]
async fn what_would_have_no_effect_is_refused_by_its_name() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let intent = [("amount", "2000"), ("currency", "usd"), ("payment_method", "pm_card_visa")];
    let setup = client.post("/v1/setup_intents", &[]).await.id();
    let (setups, payments) = ("/v1/setup_intents".to_owned(), "/v1/payment_intents".to_owned());
    for (path, form, param, value) in [
        (&payments, &intent[..], "automatic_payment_methods[enabled]", "true"),
        (&payments, &intent[..], "radar_options[session]", "rse_1"),
        (&payments, &intent[..], "payment_method_options[card][moto]", "true"),
        (&payments, &intent[..], "statement_descriptor_suffix", "X"),
        (&payments, &intent[..], "use_stripe_sdk", "true"),
        // Source: <https://docs.stripe.com/api/payment_intents/create>: "can only be used with `confirm=true`".
        (&payments, &intent[..], "off_session", "true"),
        (&payments, &intent[..], "error_on_requires_action", "true"),
        (&payments, &intent[..], "return_url", "https://shop.example"),
        (&payments, &intent[..], "mandate_data[customer_acceptance][type]", "offline"),
        (&setups, &[][..], "return_url", "https://shop.example"),
        (&format!("{setups}/{setup}"), &[][..], "return_url", "https://shop.example"),
        (&format!("{setups}/{setup}"), &[][..], "usage", "on_session"),
    ] {
        let error = client.post(path, &[form, &[(param, value)]].concat()).await.error(400);
        let root = param.split('[').next().unwrap();
        assert!(error["param"].as_str().unwrap().starts_with(root), "{path} {param}: {error}");
    }
    assert_eq!(client.get(&payments).await.ok()["data"], json!([]));
    let confirmed = [&intent[..], &[("confirm", "true"), ("return_url", "https://shop.example")]].concat();
    client.post(&payments, &confirmed).await.ok();
}

#[tokio::test]
async fn a_missing_parameter_is_asked_for_by_its_name() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let error =
        client.post("/v1/prices", &[("unit_amount", "5"), ("product_data[name]", "A")]).await.error(400);
    assert_eq!((&error["code"], &error["param"]), (&json!("parameter_missing"), &json!("currency")));
    assert_eq!(error["message"], "Missing required param: currency.");
    let nested = [("currency", "usd"), ("unit_amount", "5"), ("product_data[metadata][a]", "b")];
    let error = client.post("/v1/prices", &nested).await.error(400);
    assert_eq!(
        (&error["code"], &error["param"]),
        (&json!("parameter_missing"), &json!("product_data[name]"))
    );
    let error = client.post("/v1/products", &[("name", "")]).await.error(400);
    assert_eq!((&error["code"], &error["param"]), (&json!("parameter_invalid_empty"), &json!("name")));
}

#[tokio::test]
async fn a_value_of_the_wrong_type_is_refused_by_its_name() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let good = [("currency", "usd"), ("unit_amount", "500"), ("product_data[name]", "A")];
    client.post("/v1/prices", &good).await.ok();
    for (param, value) in [
        ("unit_amount", "many"),
        ("unit_amount", "1.5"),
        ("unit_amount", "-1"),
        ("unit_amount", "99999999999999999999"),
        ("active", "maybe"),
        ("recurring", "month"),
        ("recurring[interval]", "fortnight"),
        ("recurring[interval_count]", "none"),
        ("currency", "doubloons"),
        ("currency[a]", "usd"),
    ] {
        let name = param.split('[').next().unwrap();
        let mut form: Vec<_> = good.into_iter().filter(|(key, _)| *key != name).collect();
        if param == "recurring[interval_count]" {
            form.push(("recurring[interval]", "month"));
        }
        form.push((param, value));
        let error = client.post("/v1/prices", &form).await.error(400);
        assert_eq!(error["type"], "invalid_request_error");
        let named = error["param"].as_str().unwrap_or_else(|| panic!("{param}={value}: {error}"));
        assert!(param.starts_with(named), "{param}={value}: {error}");
    }
    assert_eq!(client.get("/v1/prices").await.ok()["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_object_that_a_parameter_names_must_be_there() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let customer = client.customer_with_card().await;
    let form = [("customer", customer.as_str()), ("items[0][price]", "price_none")];
    let error = client.post("/v1/subscriptions", &form).await.error(400);
    assert_eq!((&error["code"], &error["param"]), (&json!("resource_missing"), &json!("items[0][price]")));
    assert_eq!(error["message"], "No such price: 'price_none'");
}

#[tokio::test]
async fn a_body_that_is_no_form_is_refused() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    for body in ["name[=x", "name]=x", "a[b=c", "name=x&name[first]=y", "{\"name\":\"x\"}"] {
        client.post_raw("/v1/customers", body.into()).await.error(400);
    }
    assert_eq!(client.get("/v1/customers").await.ok()["data"], json!([]));
}

#[tokio::test]
async fn a_json_body_is_told_that_a_form_is_wanted() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let error = client.post_json("/v1/customers", &json!({ "name": "x" })).await.error(400);
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("application/x-www-form-urlencoded"), "{message}");
    let refused = client.post_json("/oauth/token", &json!({ "grant_type": "authorization_code" })).await;
    assert!(refused.text.contains("application/x-www-form-urlencoded"), "{}", refused.text);
}
