use std::sync::{Arc, Mutex};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::*;

/// A server that gives each connection the next answer and keeps what it was asked.
async fn server(answers: Vec<&'static str>) -> (HttpTransport, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let kept = asked.clone();
    tokio::spawn(async move {
        for answer in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = vec![0; 8_192];
            let length = stream.read(&mut request).await.unwrap();
            kept.lock().unwrap().push(String::from_utf8_lossy(&request[..length]).to_lowercase());
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    (HttpTransport::new(&base, RateLimit::PerSecond(1_000)).unwrap(), asked)
}

fn create() -> ApiRequest {
    ApiRequest {
        method: Method::Post,
        path: "/v1/customers".to_owned(),
        query: String::new(),
        body: Some("name=Ada".to_owned()),
        idempotency_key: Some("kl_key".to_owned()),
        secret_key: "sk_test_a".into(),
        stripe_account: Some("acct_merchant".to_owned()),
        is_important: true,
    }
}

const DONE: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
const BUSY: &str = "HTTP/1.1 429 Too Many\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
const REFUSED: &str = "HTTP/1.1 400 Bad\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
const FAILED: &str = "HTTP/1.1 500 Bad\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
const STORED: &str = concat!(
    "HTTP/1.1 500 Bad\r\nidempotent-replayed: true\r\nstripe-should-retry: true\r\n",
    "content-length: 2\r\nconnection: close\r\n\r\n{}"
);
const TORN: &str = "HTTP/1.1 200 OK\r\ncontent-length: 200\r\nconnection: close\r\n\r\n{";

#[tokio::test]
async fn a_repeat_goes_out_under_the_same_key() {
    let (transport, asked) = server(vec![BUSY, TORN, DONE]).await;
    assert_eq!(transport.send(&create()).await.unwrap().status, 200);
    let asked = asked.lock().unwrap();
    assert_eq!(asked.len(), 3);
    for request in &*asked {
        for part in [
            "post /v1/customers http/1.1",
            "idempotency-key: kl_key",
            "authorization: bearer sk_test_a",
            "stripe-account: acct_merchant",
            "stripe-version: 2026-09-30.endive",
        ] {
            assert!(request.contains(part), "{part} in {request}");
        }
    }
}

#[tokio::test]
async fn a_refusal_is_not_repeated() {
    let (transport, asked) = server(vec![REFUSED, DONE]).await;
    assert_eq!(transport.send(&create()).await.unwrap().status, 400);
    assert_eq!(asked.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_failure_stored_before_is_told_from_one_of_this_request() {
    let (transport, asked) = server(vec![STORED, DONE]).await;
    assert!(transport.send(&create()).await.unwrap().is_replayed);
    assert_eq!(asked.lock().unwrap().len(), 1, "a repeat would get the same");
    let (transport, _asked) = server(vec![FAILED, STORED]).await;
    assert!(!transport.send(&create()).await.unwrap().is_replayed);
}

#[tokio::test]
async fn repeats_end_with_the_last_answer() {
    let (transport, asked) = server(vec![BUSY; 5]).await;
    assert_eq!(transport.send(&create()).await.unwrap().status, 429);
    assert_eq!(asked.lock().unwrap().len(), 4);
}

#[tokio::test]
async fn an_unreachable_stripe_is_no_answer() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let transport = HttpTransport::new(&base, RateLimit::PerSecond(1_000)).unwrap();
    assert!(transport.send(&create()).await.is_err());
}

#[test]
fn an_address_that_is_not_http_is_refused() {
    for base in ["", "api.stripe.com", "ftp://api.stripe.com"] {
        assert!(matches!(HttpTransport::new(base, RateLimit::Stripe), Err(Unusable::Base(_))), "{base}");
    }
}

#[test]
fn requests_are_of_the_version_of_the_typed_parameters() {
    assert_eq!(API_VERSION, stripe_shared::version::VERSION.as_str());
}
