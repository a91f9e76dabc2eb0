use crate::{client::Client, sandbox};

#[tokio::test]
async fn a_test_key_is_taken_as_bearer_and_as_the_user_of_basic() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let id = client.customer_with_card().await;
    let path = format!("/v1/customers/{id}");
    assert_eq!(client.get(&path).await.id(), id);
    // printf sk_test_tests: | base64
    let basic = client.with_header("authorization", "Basic c2tfdGVzdF90ZXN0czo=");
    assert_eq!(basic.get(&path).await.id(), id);
}

#[tokio::test]
async fn without_a_key_nothing_is_answered() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox).without_header("authorization");
    for path in ["/v1/customers", "/v1/customers/cus_1", "/v1/events"] {
        let error = client.get(path).await.error(401);
        assert_eq!(error["type"], "invalid_request_error");
        assert!(error["message"].as_str().unwrap().starts_with("You did not provide an API key"), "{error}");
    }
}

#[tokio::test]
async fn a_live_key_is_refused_and_never_repeated() {
    let sandbox = sandbox().await;
    for key in ["sk_live_51abcdefghijklmnop", "rk_live_51abcdefghijklmnop"] {
        let answer = Client::at(sandbox.url()).with_key(key).get("/v1/customers").await;
        let error = answer.error(401);
        assert!(error["message"].as_str().unwrap().contains("live"), "{error}");
        assert!(!answer.text.contains(key), "{}", answer.text);
    }
}

#[tokio::test]
async fn what_is_no_secret_test_key_is_refused() {
    let sandbox = sandbox().await;
    let client = Client::at(sandbox.url());
    for key in ["pk_test_abcdefghijklmnop", "whsec_abc", "sk_test_", "secret", "sk_test_\u{e9}"] {
        let error = client.with_header("authorization", &format!("Bearer {key}")).get("/v1/customers").await;
        assert_eq!(error.error(401)["type"], "invalid_request_error", "{key}");
    }
    for header in ["Digest abc", "Bearer", "Basic !!!", "sk_test_tests"] {
        client.with_header("authorization", header).get("/v1/customers").await.error(401);
    }
}

#[tokio::test]
async fn an_unknown_route_or_method_is_named_in_the_refusal() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let error = client.get("/v1/unicorns").await.error(404);
    assert_eq!(error["type"], "invalid_request_error");
    let message = error["message"].as_str().unwrap();
    assert!(message.starts_with("Unrecognized request URL (GET: /v1/unicorns)."), "{message}");
    let error = client.delete("/v1/events/evt_1").await.error(404);
    assert!(error["message"].as_str().unwrap().contains("DELETE: /v1/events/evt_1"), "{error}");
}

#[tokio::test]
async fn each_answer_has_its_own_request_id_and_the_version_that_was_asked_for() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let mut ids = std::collections::HashSet::new();
    for path in ["/v1/customers", "/v1/customers", "/v1/customers/cus_none", "/v1/nowhere"] {
        let answer = client.get(path).await;
        let id = answer.header("request-id").unwrap().to_owned();
        assert!(id.starts_with("req_"), "{id}");
        assert!(ids.insert(id), "a request id came twice");
        assert_eq!(answer.header("stripe-version"), Some(stripe_sandbox::API_VERSION));
    }
    let pinned = client.with_header("stripe-version", "2026-10-28.endive").get("/v1/customers").await;
    assert_eq!(pinned.header("stripe-version"), Some("2026-10-28.endive"));
    let wrong = client.with_header("stripe-version", "yesterday").get("/v1/customers").await;
    assert_eq!(wrong.error(400)["message"], "Invalid Stripe API version: yesterday");
    assert_eq!(wrong.header("stripe-version"), Some(stripe_sandbox::API_VERSION));
    let refused = client.without_header("authorization").get("/v1/customers").await;
    assert!(ids.insert(refused.header("request-id").unwrap().to_owned()));
}
