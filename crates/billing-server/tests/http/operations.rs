use std::time::Duration;

use billing_domain::ports::Clock;
use billing_server::adapters::SystemClock;
use billing_testing::builders::gateway_event;
use billing_testing::{Suite, TestDatabase, tokens};
use reqwest::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::{ENABLE, STATUS, service};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database("a_started_service_is_healthy_and_ready", a_started_service_is_healthy_and_ready)
        .on_sqlite(
            "requests_are_counted_by_route_and_not_by_path",
            requests_are_counted_by_route_and_not_by_path,
        )
        .on_every_database(
            "webhooks_without_a_workspace_are_in_the_metrics",
            webhooks_without_a_workspace_are_in_the_metrics,
        )
        .on_sqlite("a_request_keeps_the_id_a_proxy_gave_it", a_request_keeps_the_id_a_proxy_gave_it)
        .on_every_database(
            "requests_in_flight_finish_when_told_to_stop",
            requests_in_flight_finish_when_told_to_stop,
        )
}

async fn a_started_service_is_healthy_and_ready(database: TestDatabase) {
    let service = service(&database).await;
    for path in ["/healthz", "/readyz"] {
        let answer = service.send(service.request(Method::GET, path)).await;
        assert_eq!(answer.text, r#"{"status":"ok"}"#);
        let head = service.send(service.request(Method::HEAD, path)).await;
        assert_eq!((head.status, head.text.as_str()), (answer.status, ""));
    }
}

async fn requests_are_counted_by_route_and_not_by_path(database: TestDatabase) {
    let service = service(&database).await;
    let owner = tokens::owner("ws_demo");
    service.get(STATUS, &owner).await;
    service.get(STATUS, "nonsense").await;
    for number in 0..2 {
        service.get(&format!("/v1/dashboard/apps/app_nobody_has_{number}"), &owner).await;
    }
    for number in 0..50 {
        service.get(&format!("/no-such-page-{number}"), &owner).await;
    }

    let metrics = service.send(service.request(Method::GET, "/metrics")).await;

    let counted = |labels: &str| {
        let line = format!("billing_http_request_duration_seconds_count{{{labels}}} ");
        metrics.text.lines().find_map(|text| text.strip_prefix(&line)).map(str::to_owned)
    };
    let status = format!(r#"method="GET",route="{STATUS}",status="#);
    assert_eq!(counted(&format!(r#"{status}"200""#)).as_deref(), Some("1"));
    assert_eq!(counted(&format!(r#"{status}"401""#)).as_deref(), Some("1"));
    assert_eq!(counted(r#"method="GET",route="unmatched",status="404""#).as_deref(), Some("50"));
    assert!(!metrics.text.contains("no-such-page"));
    let app = r#"method="GET",route="/v1/dashboard/apps/{appId}",status="404""#;
    assert_eq!(counted(app).as_deref(), Some("2"));
    assert!(!metrics.text.contains("app_nobody_has"));
}

async fn webhooks_without_a_workspace_are_in_the_metrics(database: TestDatabase) {
    let url = database.url.parse().unwrap();
    billing_diesel::migrate(&url).await.unwrap();
    let store = billing_diesel::open(&url).unwrap();
    store.events().accept(vec![gateway_event(1), gateway_event(2)], SystemClock.now()).await.unwrap();

    let service = service(&database).await;

    let is_counted = async || {
        let metrics = service.send(service.request(Method::GET, "/metrics")).await.text;
        metrics.lines().any(|line| line == "billing_unplaced_events 2")
    };
    let counted = async { while !is_counted().await {} };
    tokio::time::timeout(Duration::from_secs(20), counted).await.expect("they are counted at the start");
}

async fn a_request_keeps_the_id_a_proxy_gave_it(database: TestDatabase) {
    let service = service(&database).await;
    let given = service.request(Method::GET, STATUS).header("x-request-id", "edge-7f3a");
    assert_eq!(service.send(given).await.headers["x-request-id"], "edge-7f3a");

    let forged = service.request(Method::GET, STATUS).header("x-request-id", "a b=\"c\"");
    let id = service.send(forged).await.headers["x-request-id"].to_str().unwrap().to_owned();
    assert!(id.starts_with("req_"), "{id}");
}

/// A change that waits for a lock when the service is told to stop is made and answered all the same.
async fn requests_in_flight_finish_when_told_to_stop(database: TestDatabase) {
    let mut service = service(&database).await;
    let owner = tokens::owner("ws_demo");
    let other_process = billing_diesel::open(&database.url.parse().unwrap()).unwrap();
    let workspace = "ws_demo".parse().unwrap();
    let mut held = other_process.begin(&workspace).await.unwrap();
    held.switches().lock_workspace(&workspace).await.unwrap();

    let mut connection = TcpStream::connect(service.address()).await.unwrap();
    let request = format!(
        "POST {ENABLE} HTTP/1.1\r\nhost: billing\r\nauthorization: Bearer {owner}\r\nexpect: 100-continue\r\n\
         content-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n"
    );
    connection.write_all(request.as_bytes()).await.unwrap();
    // The service says that it has the head and wants the body: the request is in flight.
    let mut go_on = [0; "HTTP/1.1 100 Continue\r\n\r\n".len()];
    connection.read_exact(&mut go_on).await.unwrap();
    assert!(go_on.starts_with(b"HTTP/1.1 100 "));
    connection.write_all(b"{}").await.unwrap();
    service.terminate();
    held.rollback().await.unwrap();

    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(answer.contains(r#""billingEnabled":true"#), "{answer}");
    assert!(service.wait().success());
}
