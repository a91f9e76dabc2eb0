//! Failures on demand: each does what it says, as often as it says, the same way for the same seed.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{client::Client, sandbox};

const ADA: &[(&str, &str)] = &[("name", "Ada")];

async fn customers(client: &Client) -> usize {
    client.get("/v1/customers?limit=100").await.ok()["data"].as_array().unwrap().len()
}

/// One creation that meets this fault without an answer: how it ended, and how many customers there are then.
async fn made_without_an_answer(fault: &str) -> (reqwest::Error, usize) {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    client.control("faults", json!({ "fault": fault, "method": "POST", "holdMs": 50 })).await;
    let ended = client.attempt(Method::POST, "/v1/customers", ADA).await.unwrap_err();
    let made = customers(&client).await;
    client.post("/v1/customers", ADA).await.ok();
    assert_eq!(customers(&client).await, made + 1, "{fault} hits once");
    (ended, made)
}

#[tokio::test]
async fn a_timeout_before_does_nothing() {
    let (_, made) = made_without_an_answer("timeout_before").await;
    assert_eq!(made, 0);
}

#[tokio::test]
async fn a_timeout_after_has_done_its_work() {
    let (_, made) = made_without_an_answer("timeout_after").await;
    assert_eq!(made, 1);
}

#[tokio::test]
async fn a_reset_has_done_its_work_and_breaks_within_the_answer() {
    let (ended, made) = made_without_an_answer("reset").await;
    assert!(ended.is_body() || ended.is_decode(), "the answer had not begun: {ended:?}");
    assert_eq!(made, 1);
}

#[tokio::test]
async fn a_lost_answer_is_found_again_under_its_key() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox).with_idempotency_key("k");
    for (fault, replayed) in
        [("timeout_before", None), ("timeout_after", Some("true")), ("reset", Some("true"))]
    {
        let client = client.with_idempotency_key(fault);
        client.control("faults", json!({ "fault": fault, "holdMs": 50 })).await;
        client.attempt(Method::POST, "/v1/customers", ADA).await.unwrap_err();
        let answer = client.post("/v1/customers", ADA).await;
        answer.ok();
        assert_eq!(answer.header("idempotent-replayed"), replayed, "{fault}");
    }
    assert_eq!(customers(&client).await, 3);
}

#[tokio::test]
async fn a_timeout_holds_the_connection_for_as_long_as_it_is_told() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    client.control("faults", json!({ "fault": "timeout_before", "holdMs": 400 })).await;
    let began = std::time::Instant::now();
    client.attempt(Method::GET, "/v1/customers", &[]).await.unwrap_err();
    assert!(began.elapsed().as_millis() >= 400, "{:?}", began.elapsed());
    client.control("faults", json!({ "fault": "timeout_before", "holdMs": 20_000 })).await;
    let patience = std::time::Duration::from_millis(200);
    let gave_up = client.patient_for(patience).attempt(Method::GET, "/v1/customers", &[]).await.unwrap_err();
    assert!(gave_up.is_timeout(), "{gave_up}");
}

#[tokio::test]
async fn a_500_does_its_work_only_when_it_says_so() {
    for (fault, made) in [("error_500", 0), ("error_500_executed", 1)] {
        let sandbox = sandbox().await;
        let client = Client::new(&sandbox);
        client.control("faults", json!({ "fault": fault })).await;
        let error = client.post("/v1/customers", ADA).await.error(500);
        assert_eq!(error["type"], "api_error");
        assert_eq!((customers(&client).await, client.events().await.len()), (made, made), "{fault}");
    }
}

#[tokio::test]
async fn refusals_have_stripes_status_and_code_and_do_nothing() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    for (fault, status, code) in
        [("rate_limit", 429, json!("rate_limit")), ("lock_timeout", 429, json!("lock_timeout"))]
    {
        client.control("faults", json!({ "fault": fault })).await;
        let error = client.post("/v1/customers", ADA).await.error(status);
        assert_eq!((&error["code"], &error["type"]), (&code, &json!("invalid_request_error")));
    }
    client.control("faults", json!({ "fault": "conflict" })).await;
    let error = client.post("/v1/customers", ADA).await.error(409);
    assert_eq!((&error["code"], &error["type"]), (&json!(null), &json!("invalid_request_error")));
    client.control("faults", json!({ "fault": "conflict" })).await;
    let error = client.with_idempotency_key("k").post("/v1/customers", ADA).await.error(409);
    assert_eq!(
        (&error["code"], &error["type"]),
        (&json!("idempotency_key_in_use"), &json!("idempotency_error"))
    );
    assert_eq!(customers(&client).await, 0);
}

#[tokio::test]
async fn an_unknown_field_is_one_more_and_an_unknown_value_is_one_other() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let price = client.monthly_price("Basic", "usd", 2000).await;
    let customer = client.customer_with_card().await;
    let path = format!("/v1/subscriptions/{}", client.subscribe(&customer, &price, &[]).await);
    let plain = client.get(&path).await.ok();

    client.control("faults", json!({ "fault": "unknown_field", "path": path })).await;
    let mut more = client.get(&path).await.ok();
    let names: Vec<_> = more.as_object().unwrap().keys().cloned().collect();
    let new: Vec<_> = names.iter().filter(|name| plain.get(name.as_str()).is_none()).collect();
    assert_eq!(new.len(), 1);
    more.as_object_mut().unwrap().remove(new[0]);
    assert_eq!(more, plain);

    client.control("faults", json!({ "fault": "unknown_enum", "path": path })).await;
    let other = client.get(&path).await.ok();
    let changed: Vec<_> =
        plain.as_object().unwrap().iter().filter(|(name, value)| other[*name] != **value).collect();
    assert_eq!(changed, [(&"status".to_owned(), &json!("active"))]);
    assert!(other["status"].is_string());
    assert_eq!(client.get(&path).await.ok(), plain, "nothing of it is kept");
}

#[tokio::test]
async fn a_fault_hits_the_method_and_path_that_it_names_as_often_as_it_says() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let fault = json!({ "fault": "error_500", "method": "POST", "path": "/v1/customers", "times": 2 });
    let id = client.control("faults", fault).await["id"].clone();
    client.get("/v1/customers").await.ok();
    client.post("/v1/products", &[("name", "A")]).await.ok();
    for status in [500, 500, 200] {
        assert_eq!(client.post("/v1/customers", ADA).await.status, status);
    }
    let faults = client.get("/_sandbox/faults").await.ok()["faults"].clone();
    assert_eq!((&faults[0]["id"], &faults[0]["fired"]), (&id, &json!(2)));
}

#[tokio::test]
async fn faults_can_be_taken_back() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    client.control("faults", json!({ "fault": "error_500", "times": 5 })).await;
    client.get("/v1/customers").await.error(500);
    client.delete("/_sandbox/faults").await.ok();
    client.get("/v1/customers").await.ok();
    assert_eq!(client.get("/_sandbox/faults").await.ok()["faults"], json!([]));
}

#[tokio::test]
async fn the_control_api_is_never_hit_by_a_fault() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    client.control("faults", json!({ "fault": "error_500", "times": 1 })).await;
    for path in ["/_sandbox", "/_sandbox/faults", "/_sandbox/deliveries"] {
        client.get(path).await.ok();
    }
    client.get("/v1/customers").await.error(500);
}

#[tokio::test]
async fn a_fault_that_is_not_known_is_refused() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    for body in [
        json!({ "fault": "earthquake" }),
        json!({}),
        json!({ "fault": "error_500", "colour": "red" }),
        json!({ "fault": "error_500", "times": -1 }),
        Value::Null,
    ] {
        assert_eq!(client.try_control("faults", &body).await.status, 400, "{body}");
    }
}

/// Which of forty requests a fault with this seed hits.
async fn hits(seed: u64) -> Vec<bool> {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let fault = json!({ "fault": "error_500", "times": 1000, "probability": 0.5, "seed": seed });
    client.control("faults", fault).await;
    let mut hits = Vec::new();
    for _ in 0..40 {
        hits.push(client.get("/v1/customers").await.status == 500);
    }
    hits
}

#[tokio::test]
async fn chance_is_decided_by_the_seed() {
    let first = hits(5).await;
    assert_eq!(hits(5).await, first);
    assert_ne!(hits(6).await, first);
    let count = first.iter().filter(|hit| **hit).count();
    assert!((8..=32).contains(&count), "{count} of 40 is not a half");
}
