use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use billing_testing::{Service, Suite, TestDatabase, tokens};
use jsonwebtoken::jwk::{Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::{BINARY, OFF, STATUS};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_sqlite("rsa_ec_and_ed25519_keys_of_a_jwks_verify", rsa_ec_and_ed25519_keys_of_a_jwks_verify)
        .on_sqlite(
            "key_of_a_jwks_verifies_its_own_algorithm_only",
            key_of_a_jwks_verifies_its_own_algorithm_only,
        )
        .on_sqlite(
            "keys_of_one_id_and_bad_entries_of_a_jwks_spoil_no_key",
            keys_of_one_id_and_bad_entries_of_a_jwks_spoil_no_key,
        )
        .on_sqlite("unknown_key_ids_cause_no_second_jwks_fetch", unknown_key_ids_cause_no_second_jwks_fetch)
        .on_sqlite(
            "jwks_outage_is_503_and_a_malformed_token_401",
            jwks_outage_is_503_and_a_malformed_token_401,
        )
}

const RSA: &[u8] = include_bytes!("../keys/rsa.pem");
const RSA_PUBLIC: &[u8] = include_bytes!("../keys/rsa.pub.pem");
const EC: &[u8] = include_bytes!("../keys/ec.pem");
const ED25519: &[u8] = include_bytes!("../keys/ed25519.pem");
const STRANGER: &[u8] = include_bytes!("../keys/stranger.pem");

/// Publishes keys and counts how often it is asked for them.
#[derive(Clone)]
struct Issuer {
    url: String,
    answer: Arc<Mutex<Option<Value>>>,
    asked: Arc<AtomicUsize>,
}

impl Issuer {
    async fn publishing(keys: Vec<Value>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = Self {
            url: format!("http://{}/jwks.json", listener.local_addr().unwrap()),
            answer: Arc::new(Mutex::new(Some(json!({ "keys": keys })))),
            asked: Arc::default(),
        };
        let served = issuer.clone();
        tokio::spawn(async move {
            loop {
                let (mut connection, _) = listener.accept().await.unwrap();
                served.asked.fetch_add(1, Ordering::SeqCst);
                // The head of a request for keys fits one read.
                let _ = connection.read(&mut [0; 4096]).await.unwrap();
                let (status, body) = match &*served.answer.lock().unwrap() {
                    Some(keys) => ("200 OK", keys.to_string()),
                    None => ("500 Internal Server Error", String::new()),
                };
                let head = format!(
                    "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                    body.len()
                );
                connection.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
            }
        });
        issuer
    }

    fn publish(&self, keys: Option<Vec<Value>>) {
        *self.answer.lock().unwrap() = keys.map(|keys| json!({ "keys": keys }));
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    async fn service(&self, database: &TestDatabase) -> Service {
        let variables = [("KL_DASHBOARD_JWKS_URL", self.url.as_str())];
        Service::start_with(BINARY, &database.url, database.folder.path(), &variables).await
    }
}

fn published(key: &EncodingKey, algorithm: Algorithm, id: &str) -> Value {
    let mut jwk = Jwk::from_encoding_key(key, algorithm).unwrap();
    jwk.common.key_id = Some(id.to_owned());
    jwk.common.public_key_use = Some(PublicKeyUse::Signature);
    serde_json::to_value(jwk).unwrap()
}

fn rsa() -> EncodingKey {
    EncodingKey::from_rsa_pem(RSA).unwrap()
}

fn token(algorithm: Algorithm, key: &EncodingKey, id: Option<&str>) -> String {
    let mut header = Header::new(algorithm);
    header.kid = id.map(str::to_owned);
    tokens::sign(&header, &tokens::claims("ws_demo", "owner"), key)
}

async fn rsa_ec_and_ed25519_keys_of_a_jwks_verify(database: TestDatabase) {
    let keys = [
        (Algorithm::RS256, rsa(), "rsa"),
        (Algorithm::ES256, EncodingKey::from_ec_pem(EC).unwrap(), "ec"),
        (Algorithm::EdDSA, EncodingKey::from_ed_pem(ED25519).unwrap(), "ed25519"),
    ];
    let set = keys.iter().map(|(algorithm, key, id)| published(key, *algorithm, id)).collect();
    let issuer = Issuer::publishing(set).await;
    let service = issuer.service(&database).await;
    for (algorithm, key, id) in &keys {
        let answer = service.get(STATUS, &token(*algorithm, key, Some(id))).await;
        assert_eq!(answer.text, OFF, "{id}");
        let expired = tokens::with(&tokens::claims("ws_demo", "owner"), "exp", tokens::unix_now() - 60);
        let mut header = Header::new(*algorithm);
        header.kid = Some((*id).to_owned());
        assert_eq!(service.get(STATUS, &tokens::sign(&header, &expired, key)).await.status, 401, "{id}");
    }
    assert_eq!(issuer.asked(), 1);
}

async fn key_of_a_jwks_verifies_its_own_algorithm_only(database: TestDatabase) {
    let encryption_only = {
        let stranger = EncodingKey::from_rsa_pem(STRANGER).unwrap();
        let mut jwk = Jwk::from_encoding_key(&stranger, Algorithm::RS256).unwrap();
        jwk.common.key_id = Some("encryption".to_owned());
        jwk.common.public_key_use = Some(PublicKeyUse::Encryption);
        serde_json::to_value(jwk).unwrap()
    };
    let signing_only = {
        let mut jwk = published(&EncodingKey::from_rsa_pem(STRANGER).unwrap(), Algorithm::RS256, "signing");
        jwk["key_ops"] = json!(["sign"]);
        jwk
    };
    let shared = json!({ "kty": "oct", "kid": "shared", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldC1zZWNyZXQ" });
    let set = vec![published(&rsa(), Algorithm::RS256, "rsa"), encryption_only, signing_only, shared];
    let issuer = Issuer::publishing(set).await;
    let service = issuer.service(&database).await;

    // The public key, which everyone has, as if it were a shared secret.
    let public = EncodingKey::from_secret(RSA_PUBLIC);
    let stranger = EncodingKey::from_rsa_pem(STRANGER).unwrap();
    let shared =
        EncodingKey::from_base64_secret("c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldC1zZWNyZXQ=").unwrap();
    for (what, token) in [
        ("RS256 to HS256", token(Algorithm::HS256, &public, Some("rsa"))),
        ("RS512 by the right key", token(Algorithm::RS512, &rsa(), Some("rsa"))),
        ("PS256 by the right key", token(Algorithm::PS256, &rsa(), Some("rsa"))),
        ("another key of the same name", token(Algorithm::RS256, &stranger, Some("rsa"))),
        ("an encryption key", token(Algorithm::RS256, &stranger, Some("encryption"))),
        ("a key that may not verify", token(Algorithm::RS256, &stranger, Some("signing"))),
        ("a published shared secret", token(Algorithm::HS256, &shared, Some("shared"))),
        ("no key id", token(Algorithm::RS256, &rsa(), None)),
        ("an unknown key id", token(Algorithm::RS256, &rsa(), Some("unknown"))),
        ("a secret of ours", tokens::owner("ws_demo")),
    ] {
        let answer = service.get(STATUS, &token).await;
        assert_eq!(answer.refusal(), (401, "unauthenticated".to_owned()), "{what}");
    }
}

async fn keys_of_one_id_and_bad_entries_of_a_jwks_spoil_no_key(database: TestDatabase) {
    let ec = EncodingKey::from_ec_pem(EC).unwrap();
    let set = vec![
        Value::Null,
        json!({ "kty": "RSA", "kid": 1 }),
        published(&rsa(), Algorithm::RS256, "key"),
        published(&ec, Algorithm::ES256, "key"),
        json!({ "kty": "oct", "kid": "key" }),
    ];
    let issuer = Issuer::publishing(set).await;
    let service = issuer.service(&database).await;
    for (algorithm, key) in [(Algorithm::RS256, rsa()), (Algorithm::ES256, ec)] {
        assert_eq!(
            service.get(STATUS, &token(algorithm, &key, Some("key"))).await.text,
            OFF,
            "{algorithm:?}"
        );
    }
    assert_eq!(issuer.asked(), 1);
}

async fn unknown_key_ids_cause_no_second_jwks_fetch(database: TestDatabase) {
    let issuer = Issuer::publishing(vec![published(&rsa(), Algorithm::RS256, "old")]).await;
    let service = issuer.service(&database).await;
    assert_eq!(service.get(STATUS, &token(Algorithm::RS256, &rsa(), Some("old"))).await.text, OFF);

    for _ in 0..20 {
        assert_eq!(service.get(STATUS, &token(Algorithm::RS256, &rsa(), Some("new"))).await.status, 401);
    }
    // Asked once at first; then not again within 30 seconds, however many unknown keys come.
    assert_eq!(issuer.asked(), 1);
    // Known keys go on working while the issuer is away.
    issuer.publish(None);
    assert_eq!(service.get(STATUS, &token(Algorithm::RS256, &rsa(), Some("old"))).await.text, OFF);
}

async fn jwks_outage_is_503_and_a_malformed_token_401(database: TestDatabase) {
    let issuer = Issuer::publishing(Vec::new()).await;
    issuer.publish(None);
    let service = issuer.service(&database).await;

    for _ in 0..3 {
        let answer = service.get(STATUS, &token(Algorithm::RS256, &rsa(), Some("rsa"))).await;
        assert_eq!(answer.refusal(), (503, "identity_provider_unavailable".to_owned()));
        assert_eq!(answer.headers["retry-after"], "5");
    }
    // A page does not lead to sign-in, where nothing would be better.
    let cookie = format!("kl_dashboard={}", token(Algorithm::RS256, &rsa(), Some("rsa")));
    let page = service.send(service.request(Method::GET, "/app").header("cookie", cookie)).await;
    assert_eq!(page.status, 503);
    assert_eq!(issuer.asked(), 1);
    assert_eq!(service.get(STATUS, "malformed").await.status, 401);
}
