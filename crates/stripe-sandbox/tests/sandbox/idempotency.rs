//! Under one `Idempotency-Key` a request is carried out once, and answered the same from then on.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::{
    client::{Answer, Client},
    sandbox,
};

const DAY: i64 = 24 * 3600;
const ADA: &[(&str, &str)] = &[("name", "Ada")];

async fn customers(client: &Client) -> usize {
    client.get("/v1/customers?limit=100").await.ok()["data"].as_array().unwrap().len()
}

fn assert_first(answer: &Answer) {
    assert_eq!(answer.header("idempotent-replayed"), None);
}

fn assert_replayed(answer: &Answer, of: &Answer) {
    assert_eq!(answer.header("idempotent-replayed"), Some("true"));
    assert_eq!((answer.status, answer.json()), (of.status, of.json()));
}

#[tokio::test]
async fn a_repeated_request_is_answered_again_and_carried_out_once() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox).with_idempotency_key("k");
    let first = client.post("/v1/customers", ADA).await;
    first.ok();
    assert_first(&first);
    assert_eq!(first.header("idempotency-key"), Some("k"));
    let second = client.post("/v1/customers", ADA).await;
    assert_replayed(&second, &first);
    assert_ne!(second.header("request-id"), first.header("request-id"));
    assert_eq!(second.header("original-request"), first.header("request-id"));
    assert_eq!(customers(&client).await, 1);
}

#[tokio::test]
async fn the_answer_of_then_is_given_even_when_the_object_has_changed_since() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let keyed = client.with_idempotency_key("k");
    let first = keyed.post("/v1/customers", ADA).await;
    client.post(&format!("/v1/customers/{}", first.id()), &[("name", "Grace")]).await.ok();
    assert_replayed(&keyed.post("/v1/customers", ADA).await, &first);
}

#[tokio::test]
async fn another_request_under_the_same_key_is_an_error() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox).with_idempotency_key("k");
    let first = client.post("/v1/customers", ADA).await;
    let others: [(&str, &[(&str, &str)]); 3] =
        [("/v1/customers", &[("name", "Grace")]), ("/v1/customers", &[]), ("/v1/products", ADA)];
    for (path, form) in others {
        let error = client.post(path, form).await.error(400);
        assert_eq!(error["type"], "idempotency_error");
        assert!(
            error["message"].as_str().unwrap().starts_with("Keys for idempotent requests can only be used")
        );
    }
    assert_replayed(&client.post("/v1/customers", ADA).await, &first);
    assert_eq!(customers(&client).await, 1);
}

#[tokio::test]
async fn the_same_parameters_in_another_order_are_the_same_request() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox).with_idempotency_key("k");
    let first = client.post("/v1/customers", &[("name", "Ada"), ("email", "a@b.c")]).await;
    let second = client.post("/v1/customers", &[("email", "a@b.c"), ("name", "Ada")]).await;
    assert_replayed(&second, &first);
}

#[tokio::test]
async fn a_repetition_while_the_first_is_under_way_is_a_conflict_and_is_not_kept() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    client
        .control("faults", json!({ "fault": "timeout_after", "path": "/v1/customers", "holdMs": 1500 }))
        .await;
    let keyed = client.with_idempotency_key("k");
    let held = tokio::spawn({
        let keyed = keyed.clone();
        async move { keyed.attempt(reqwest::Method::POST, "/v1/customers", ADA).await }
    });
    until(|| async { client.get("/_sandbox/faults").await.ok()["faults"][0]["fired"] == 1 }).await;
    let error = keyed.post("/v1/customers", ADA).await.error(409);
    assert_eq!(error["code"], "idempotency_key_in_use");
    client.with_idempotency_key("other").post("/v1/customers", ADA).await.ok();
    assert!(held.await.unwrap().is_err(), "the first request finds no answer");
    let replayed = keyed.post("/v1/customers", ADA).await;
    replayed.ok();
    assert_eq!(replayed.header("idempotent-replayed"), Some("true"));
    assert_eq!(customers(&client).await, 2);
}

#[tokio::test]
async fn of_many_at_once_one_is_carried_out() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox).with_idempotency_key("k");
    let at_once: Vec<_> = (0..20)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.post("/v1/customers", ADA).await })
        })
        .collect();
    let mut made = 0;
    for answer in at_once {
        let answer = answer.await.unwrap();
        assert!(matches!(answer.status, 200 | 409), "{}", answer.text);
        made += usize::from(answer.status == 200 && answer.header("idempotent-replayed").is_none());
    }
    assert_eq!((made, customers(&client).await), (1, 1));
}

#[tokio::test]
async fn what_was_never_begun_is_not_kept() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let refused = client.with_idempotency_key("invalid");
    refused.post("/v1/customers", &[("colour", "red")]).await.error(400);
    let answer = refused.post("/v1/customers", ADA).await;
    answer.ok();
    assert_first(&answer);
    for (fault, status) in [("rate_limit", 429), ("lock_timeout", 429), ("conflict", 409)] {
        let keyed = client.with_idempotency_key(fault);
        client.control("faults", json!({ "fault": fault })).await;
        keyed.post("/v1/customers", ADA).await.error(status);
        let answer = keyed.post("/v1/customers", ADA).await;
        answer.ok();
        assert_first(&answer);
    }
}

/// Source: <https://docs.stripe.com/api/idempotent_requests>: the result is saved "regardless of whether it succeeds or
/// fails" once the endpoint has begun, and not when "incoming parameters fail validation".
#[tokio::test]
async fn a_refusal_of_an_endpoint_is_kept_when_it_would_succeed_by_now() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let price = client.monthly_price("Basic", "usd", 2000).await;
    let customer = client.post("/v1/customers", ADA).await.id();
    let keyed = client.with_idempotency_key("k");
    let form = [("customer", customer.as_str()), ("items[0][price]", price.as_str())];
    let refused = keyed.post("/v1/subscriptions", &form).await;
    refused.error(400);
    client.replace_card(&customer, "pm_card_visa").await;
    assert_replayed(&keyed.post("/v1/subscriptions", &form).await, &refused);
    assert!(client.get("/v1/subscriptions?status=all").await.ok()["data"].as_array().unwrap().is_empty());
    client.with_idempotency_key("new").post("/v1/subscriptions", &form).await.ok();
    let chosen = client.with_idempotency_key("chosen");
    let form = [("id", "chosen"), ("name", "A")];
    let missing = chosen.post("/v1/products/chosen", &form[1..]).await;
    missing.error(404);
    client.post("/v1/products", &form).await.ok();
    assert_replayed(&chosen.post("/v1/products/chosen", &form[1..]).await, &missing);
}

#[tokio::test]
async fn parameters_that_fail_validation_are_not_kept() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let long = "x".repeat(501);
    let wrong = [
        ("colour", "red"),
        ("balance", "many"),
        ("email", "ada"),
        ("metadata[a]", long.as_str()),
        ("expand[]", "unicorn"),
        ("name[", "x"),
    ];
    for (name, value) in wrong {
        let keyed = client.with_idempotency_key(name);
        keyed.post("/v1/customers", &[(name, value)]).await.error(400);
        let answer = keyed.post("/v1/customers", ADA).await;
        answer.ok();
        assert_first(&answer);
    }
}

#[tokio::test]
async fn a_failure_of_the_server_is_kept_whether_it_did_something_or_not() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    for (fault, made) in [("error_500", 0), ("error_500_executed", 1)] {
        let keyed = client.with_idempotency_key(fault);
        client.control("faults", json!({ "fault": fault })).await;
        let first = keyed.post("/v1/customers", ADA).await;
        assert_eq!(first.error(500)["type"], "api_error");
        assert_replayed(&keyed.post("/v1/customers", ADA).await, &first);
        assert_eq!(customers(&client).await, made);
    }
    client.with_idempotency_key("new").post("/v1/customers", ADA).await.ok();
    assert_eq!(customers(&client).await, 2);
}

#[tokio::test]
async fn a_declined_card_is_kept() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox).with_idempotency_key("k");
    let form = [
        ("amount", "2000"),
        ("currency", "usd"),
        ("confirm", "true"),
        ("payment_method", "pm_card_chargeDeclined"),
        ("payment_method_types[]", "card"),
    ];
    let first = client.post("/v1/payment_intents", &form).await;
    assert_eq!(first.error(402)["code"], "card_declined");
    assert_replayed(&client.post("/v1/payment_intents", &form).await, &first);
    assert_eq!(client.get("/v1/payment_intents").await.ok()["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_key_has_1_to_255_characters() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    client.with_idempotency_key(&"k".repeat(255)).post("/v1/customers", ADA).await.ok();
    client.with_idempotency_key(&"k".repeat(256)).post("/v1/customers", ADA).await.error(400);
    assert_eq!(customers(&client).await, 1);
}

#[tokio::test]
async fn a_key_belongs_to_its_account() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let connected = client.post("/v1/accounts", &[("type", "standard")]).await.id();
    let accounts = [client.clone(), client.with_key("sk_test_other"), client.for_account(&connected)];
    let mut ids = std::collections::HashSet::new();
    for account in accounts {
        let answer = account.with_idempotency_key("k").post("/v1/customers", ADA).await;
        assert_first(&answer);
        assert!(ids.insert(answer.id()));
    }
}

#[tokio::test]
async fn reads_need_no_key_and_ignore_it() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let id = client.post("/v1/customers", ADA).await.id();
    let keyed = client.with_idempotency_key("k");
    let path = format!("/v1/customers/{id}");
    assert_eq!(keyed.get(&path).await.ok()["name"], "Ada");
    client.post(&path, &[("name", "Grace")]).await.ok();
    assert_eq!(keyed.get(&path).await.ok()["name"], "Grace");
}

#[tokio::test]
async fn a_key_is_forgotten_after_a_day_of_the_clock() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let keyed = client.with_idempotency_key("k");
    let first = keyed.post("/v1/customers", ADA).await;
    client.advance_by(DAY - 1).await;
    assert_replayed(&keyed.post("/v1/customers", ADA).await, &first);
    client.advance_by(2).await;
    let again = keyed.post("/v1/customers", ADA).await;
    assert_first(&again);
    assert_ne!(again.ok()["id"], first.ok()["id"]);
}

#[tokio::test]
async fn the_event_of_a_request_names_its_key() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let answer = client.with_idempotency_key("k").post("/v1/customers", ADA).await;
    client.post("/v1/customers", ADA).await.ok();
    let requests: Vec<Value> = client.events().await.iter().map(|event| event["request"].clone()).collect();
    assert_eq!(requests[0], json!({ "id": answer.header("request-id"), "idempotency_key": "k" }));
    assert_eq!(requests[1]["idempotency_key"], Value::Null);
}

/// Asks until it is so.
async fn until<F: Future<Output = bool>>(is_so: impl Fn() -> F) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !is_so().await {
        assert!(Instant::now() < deadline, "it never came to be");
        tokio::task::yield_now().await;
    }
}
