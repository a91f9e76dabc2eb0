use std::num::NonZero;
use std::sync::Arc;

use actix_web::App;
use actix_web::http::StatusCode;
use actix_web::middleware::from_fn;
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use billing_application::{Ports, Runner, Webhooks};
use billing_domain::ports::{
    FixedClock, MockBillingStore, MockDashboardSessions, MockPaymentGateway, SequentialIds, StoreError,
    WebhookRefused,
};
use billing_domain::{
    EventObject, GatewayAccountId, GatewayAvailability, GatewayEvent, GraceDays, StripeId, SyncTarget,
    Timestamp,
};
use serde_json::Value;

use super::*;
use crate::extract::LargeBodies;
use crate::middleware::observe;
use crate::{Metrics, openapi_document, routes};

const MIB: usize = 1024 * 1024;

fn noon() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

fn event(body: &[u8]) -> GatewayEvent {
    let target = SyncTarget::Invoice(StripeId::parse("in_1").unwrap());
    GatewayEvent {
        id: StripeId::parse("evt_1").unwrap(),
        account: GatewayAccountId::parse("acct_1").unwrap(),
        kind: "invoice.paid".to_owned(),
        object: Some(EventObject { target, customer: None, workspace_hint: None, paying_workspace: None }),
        created_at: noon(),
        body: String::from_utf8(body.to_vec()).unwrap(),
    }
}

/// A gateway that takes the signature `right` for every body.
fn gateway() -> MockPaymentGateway {
    let mut gateway = MockPaymentGateway::new();
    gateway.expect_verified_event().returning(|body, signature, _| match signature {
        "right" => Ok(event(body)),
        _ => Err(WebhookRefused::Signature("it is of another secret")),
    });
    gateway
}

/// A store that takes one event, with a body of this many bytes.
fn store_taking(length: usize) -> MockBillingStore {
    let mut store = MockBillingStore::default();
    let inbox = store.events.expect_accept().times(1);
    inbox.withf(move |events, _| events[0].body.len() == length).returning(|_, _| Ok(()));
    store
}

async fn answer(store: MockBillingStore, request: TestRequest) -> (StatusCode, Value) {
    counted_answer(store, request, &Metrics::default()).await
}

async fn counted_answer(
    store: MockBillingStore,
    request: TestRequest,
    metrics: &Metrics,
) -> (StatusCode, Value) {
    answer_of(api(store, metrics), request).await
}

fn api(store: MockBillingStore, metrics: &Metrics) -> BillingApi {
    let ports = Ports {
        store: Arc::new(store),
        gateway: Arc::new(gateway()),
        wake: Arc::default(),
        clock: Arc::new(FixedClock(noon())),
        ids: Arc::new(SequentialIds::default()),
        availability: GatewayAvailability::default(),
        grace: GraceDays::default(),
        public_base_url: "https://billing.example".into(),
    };
    let document = openapi_document("https://billing.example");
    let sessions = Arc::new(MockDashboardSessions::new());
    let (webhooks, runner) = (Webhooks::new(ports.clone(), NonZero::<usize>::MIN), Runner::on_this_runtime());
    BillingApi::new(ports, webhooks, sessions, runner, metrics.clone(), document)
}

async fn answer_of(api: BillingApi, request: TestRequest) -> (StatusCode, Value) {
    let app = App::new().app_data(Data::new(api)).wrap(from_fn(observe)).configure(routes::api);
    let service = init_service(app).await;
    let answer = call_service(&service, request.uri("/v1/stripe/webhook").to_request()).await;
    (answer.status(), serde_json::from_slice(&read_body(answer).await).unwrap())
}

fn post(signature: &str, length: usize) -> TestRequest {
    TestRequest::post().insert_header(("stripe-signature", signature)).set_payload("x".repeat(length))
}

/// The samples of the metric, sorted.
fn counted(metrics: &Metrics) -> Vec<String> {
    let rendered = metrics.render().unwrap();
    let lines = std::str::from_utf8(&rendered).unwrap().lines();
    let samples = lines.filter_map(|line| line.strip_prefix("billing_webhooks_total"));
    let mut samples: Vec<_> = samples.map(str::to_owned).collect();
    samples.sort_unstable();
    samples
}

fn code(body: &Value) -> &str {
    body["error"].as_str().unwrap()
}

#[actix_web::test]
async fn a_signed_webhook_is_stored_before_it_is_acknowledged() {
    let store = store_taking(5_000);
    let (status, body) = answer(store, post("right", 5_000)).await;
    assert_eq!((status, body), (StatusCode::OK, serde_json::json!({})));
}

#[actix_web::test]
async fn a_webhook_that_is_not_stored_is_not_acknowledged() {
    let mut store = MockBillingStore::default();
    store.events.expect_accept().returning(|_, _| Err(StoreError::Unavailable("it is down".into())));
    let (status, body) = answer(store, post("right", 5_000)).await;
    assert_eq!((status, code(&body)), (StatusCode::SERVICE_UNAVAILABLE, "database_unavailable"));
}

#[actix_web::test]
async fn an_unsigned_webhook_is_refused_and_not_stored() {
    let missing = TestRequest::post().set_payload("{}");
    for request in [missing, post("wrong", 2), post("", 2)] {
        let (status, body) = answer(MockBillingStore::default(), request).await;
        assert_eq!((status, code(&body)), (StatusCode::BAD_REQUEST, "invalid_webhook"));
    }
}

#[actix_web::test]
async fn webhooks_are_counted_by_outcome() {
    let metrics = Metrics::default();
    let missing = TestRequest::post().set_payload("{}");
    for request in [missing, post("wrong", 2)] {
        counted_answer(MockBillingStore::default(), request, &metrics).await;
    }
    counted_answer(store_taking(9), post("right", 9), &metrics).await;
    let mut down = MockBillingStore::default();
    down.events.expect_accept().returning(|_, _| Err(StoreError::Unavailable("it is down".into())));
    counted_answer(down, post("right", 9), &metrics).await;

    let expected = [r#"{outcome="accepted"} 1"#, r#"{outcome="not_stored"} 1"#, r#"{outcome="refused"} 2"#];
    assert_eq!(counted(&metrics), expected);
}

#[actix_web::test]
async fn webhooks_that_never_reach_the_use_case_are_counted() {
    let metrics = Metrics::default();
    let mut panicking = MockBillingStore::default();
    panicking.events.expect_accept().returning(|_, _| panic!("a bug"));
    let (status, _) = counted_answer(panicking, post("right", 9), &metrics).await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);

    let mut without_memory = api(MockBillingStore::default(), &metrics);
    without_memory.large_bodies = LargeBodies::none();
    let (status, _) = answer_of(without_memory, post("right", MIB)).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);

    let (status, _) = counted_answer(MockBillingStore::default(), post("right", MIB + 1), &metrics).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);

    let expected = [r#"{outcome="crowded"} 1"#, r#"{outcome="not_stored"} 1"#, r#"{outcome="refused"} 1"#];
    assert_eq!(counted(&metrics), expected);
}

#[actix_web::test]
async fn a_webhook_has_at_most_one_mebibyte() {
    let store = store_taking(MIB);
    assert_eq!(answer(store, post("right", MIB)).await.0, StatusCode::OK);

    let (status, body) = answer(MockBillingStore::default(), post("right", MIB + 1)).await;
    assert_eq!((status, code(&body)), (StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large"));
}
