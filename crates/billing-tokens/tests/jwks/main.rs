//! Dashboard tokens and the issuer of their keys, over HTTP and with a clock that is set forward.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod issuer;
mod outage;
mod sharing;

use std::sync::Arc;
use std::time::Duration;

use billing_domain::ports::{DashboardSessions, SessionError};
use billing_tokens::{DashboardTokens, FetchRunner, KeyFetch};
use issuer::{Answer, Issuer, key_pair, key_set, published, response};
use jsonwebtoken::{Algorithm, Header};
use serde_json::json;

struct Spawned;

impl FetchRunner for Spawned {
    fn start(&self, fetch: KeyFetch) {
        tokio::spawn(fetch);
    }
}

/// The outcome of verifying a token.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Verified,
    Refused(String),
    Unavailable(String),
    Unexpected,
}

const UNKNOWN: &str = "it is signed by a key that is not known";

fn verifier(issuer: &Issuer) -> Arc<DashboardTokens> {
    Arc::new(DashboardTokens::with_jwks_url("kolaylogin".to_owned(), &issuer.url, Arc::new(Spawned)).unwrap())
}

/// A token that is signed by the key pair of this byte and names this key.
fn token(byte: u8, id: &str) -> String {
    let mut header = Header::new(Algorithm::EdDSA);
    header.kid = Some(id.to_owned());
    let claims = json!({
        "sub": "dashboard_user_1", "workspaceId": "ws_demo", "role": "owner",
        "iss": "kolaylogin", "aud": "dashboard", "exp": 4_102_444_800_u32,
    });
    jsonwebtoken::encode(&header, &claims, &key_pair(byte)).unwrap()
}

async fn verify(tokens: &DashboardTokens, token: &str) -> Outcome {
    match tokens.verify(token).await {
        Ok(_) => Outcome::Verified,
        Err(SessionError::Refused { reason, .. }) => Outcome::Refused(reason),
        Err(SessionError::Unavailable(cause)) => Outcome::Unavailable(cause.to_string()),
        Err(SessionError::Unexpected(_)) => Outcome::Unexpected,
    }
}

fn is_unavailable(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Unavailable(_))
}

/// Sets the clock forward.
async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

#[tokio::test]
async fn answers_without_a_usable_key_set_are_an_outage_with_its_cause() {
    let elsewhere = Issuer::publishing(&[published(1, "key")]).await;
    let location = format!("location: {}\r\n", elsewhere.url);
    let good = json!({ "keys": [published(1, "key")] }).to_string();
    let html = b"<html></html>";
    let encryption = json!({ "kty": "RSA", "use": "enc", "n": "_".repeat(344), "e": "AQAB" });
    let large = [b" ".repeat(256 * 1024).as_slice(), good.as_bytes()].concat();
    for (answer, cause) in [
        (response("404 Not Found", "", good.as_bytes()), "the issuer answered 404 Not Found"),
        (response("302 Found", &location, b""), "the issuer answered 302 Found"),
        (response("206 Partial Content", "", good.as_bytes()), "the issuer answered 206 Partial Content"),
        (response("200 OK", "", html), "the issuer's answer is no key set"),
        (response("200 OK", "", b"{}"), "the issuer's answer is no key set: missing field `keys`"),
        (response("200 OK", "content-encoding: gzip\r\n", b"\x1f\x8b"), "the key set is compressed"),
        (response("200 OK", "", &large), "the key set is larger than 256 KiB"),
        (Answer::Endless(b"HTTP/1.1 200 OK\r\n\r\n".to_vec()), "the key set is larger than 256 KiB"),
        (
            Answer::Whole(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n".to_vec()),
            "error decoding response body",
        ),
        (key_set(&[]), "the issuer publishes no key that verifies tokens"),
        (key_set(&[encryption]), "the issuer publishes no key that verifies tokens"),
    ] {
        let issuer = Issuer::answering(answer).await;
        let tokens = verifier(&issuer);
        for _ in 0..2 {
            let outcome = verify(&tokens, &token(1, "key")).await;
            assert!(
                matches!(&outcome, Outcome::Unavailable(stated) if stated.contains(cause)),
                "{cause}: {outcome:?}"
            );
        }
        assert_eq!(issuer.asked(), 1, "{cause}");
    }
    assert_eq!(elsewhere.asked(), 0);
}

#[tokio::test]
async fn one_bad_entry_of_a_key_set_spoils_no_other() {
    let mut numbered = published(2, "");
    numbered["kid"] = json!(2);
    let issuer = Issuer::publishing(&[json!(null), numbered, published(1, "key")]).await;
    assert_eq!(verify(&verifier(&issuer), &token(1, "key")).await, Outcome::Verified);
}

#[tokio::test]
async fn every_key_of_an_id_is_tried() {
    let issuer = Issuer::publishing(&[published(1, "key"), published(2, "key")]).await;
    let tokens = verifier(&issuer);
    for byte in [1, 2] {
        assert_eq!(verify(&tokens, &token(byte, "key")).await, Outcome::Verified);
    }
    let stranger = verify(&tokens, &token(3, "key")).await;
    assert_eq!(stranger, Outcome::Refused("its signature cannot be verified".to_owned()));
}

#[tokio::test]
async fn algorithm_that_no_published_key_has_is_refused_without_a_fetch() {
    let issuer = Issuer::publishing(&[]).await;
    let tokens = verifier(&issuer);
    for (algorithm, header) in [
        ("HS256", "eyJhbGciOiJIUzI1NiIsImtpZCI6ImtleSJ9"),
        ("RS512", "eyJhbGciOiJSUzUxMiIsImtpZCI6ImtleSJ9"),
        ("none", "eyJhbGciOiJub25lIiwia2lkIjoia2V5In0"),
    ] {
        let outcome = verify(&tokens, &format!("{header}.e30.")).await;
        assert!(matches!(outcome, Outcome::Refused(_)), "{algorithm}: {outcome:?}");
    }
    assert_eq!(issuer.asked(), 0);
}

#[tokio::test]
async fn rotated_keys_are_taken_and_withdrawn_ones_refused() {
    let issuer = Issuer::publishing(&[published(1, "old")]).await;
    let tokens = verifier(&issuer);
    assert_eq!(verify(&tokens, &token(1, "old")).await, Outcome::Verified);

    issuer.publish(&[published(2, "new")]);
    assert_eq!(verify(&tokens, &token(2, "new")).await, Outcome::Refused(UNKNOWN.to_owned()));
    pass(Duration::from_secs(31)).await;
    assert_eq!(verify(&tokens, &token(2, "new")).await, Outcome::Verified);
    assert_eq!(verify(&tokens, &token(1, "old")).await, Outcome::Refused(UNKNOWN.to_owned()));

    issuer.publish(&[published(3, "newest")]);
    pass(Duration::from_mins(5)).await;
    assert_eq!(verify(&tokens, &token(2, "new")).await, Outcome::Refused(UNKNOWN.to_owned()));
    issuer.publish(&[]);
    pass(Duration::from_mins(5)).await;
    assert!(is_unavailable(&verify(&tokens, &token(3, "newest")).await));
}
