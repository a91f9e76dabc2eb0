use billing_testing::{Ids, Service, Suite, TestDatabase, dashboard_operations, tokens};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{OFF, STATUS, service};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_sqlite("a_request_without_a_bearer_token_is_refused", a_request_without_a_bearer_token_is_refused)
        .on_sqlite("a_token_that_lacks_a_claim_is_refused", a_token_that_lacks_a_claim_is_refused)
        .on_sqlite("a_token_with_a_wrong_claim_is_refused", a_token_with_a_wrong_claim_is_refused)
        .on_sqlite("a_token_with_a_wrong_signature_is_refused", a_token_with_a_wrong_signature_is_refused)
        .on_sqlite("a_refusal_says_what_is_wrong_with_the_token", a_refusal_says_what_is_wrong_with_the_token)
        .on_sqlite(
            "missing_token_is_refused_before_anything_else",
            missing_token_is_refused_before_anything_else,
        )
        .on_sqlite(
            "audiences_clock_skew_and_optional_claims_refuse_nobody",
            audiences_clock_skew_and_optional_claims_refuse_nobody,
        )
}

fn valid() -> Value {
    tokens::claims("ws_demo", "owner")
}

async fn assert_refused(service: &Service, token: &str, why: &str) {
    let answer = service.get(STATUS, token).await;
    assert_eq!(answer.refusal(), (401, "unauthenticated".to_owned()), "{why}");
    let challenge = answer.headers["www-authenticate"].to_str().unwrap();
    assert!(challenge.starts_with("Bearer"), "{why}: {challenge}");
}

async fn a_request_without_a_bearer_token_is_refused(database: TestDatabase) {
    let service = service(&database).await;
    let token = tokens::owner("ws_demo");
    for header in [
        None,
        Some(String::new()),
        Some("Bearer".to_owned()),
        Some("Bearer ".to_owned()),
        Some(format!("Basic {token}")),
        Some(token.clone()),
    ] {
        let mut request = service.request(Method::GET, STATUS);
        if let Some(header) = &header {
            request = request.header("authorization", header);
        }
        let answer = service.send(request).await;
        assert_eq!(answer.refusal(), (401, "unauthenticated".to_owned()), "{header:?}");
    }
    let scheme_in_small =
        service.request(Method::GET, STATUS).header("authorization", format!("bearer {token}"));
    assert_eq!(service.send(scheme_in_small).await.text, OFF);
}

async fn a_token_that_lacks_a_claim_is_refused(database: TestDatabase) {
    let service = service(&database).await;
    for claim in ["sub", "workspaceId", "role", "iss", "aud", "exp"] {
        let token = tokens::signed(&tokens::without(&valid(), claim));
        assert_refused(&service, &token, claim).await;
    }
}

async fn a_token_with_a_wrong_claim_is_refused(database: TestDatabase) {
    let service = service(&database).await;
    let now = tokens::unix_now();
    let wrong: Vec<(&str, Value)> = vec![
        ("exp", json!(now - 60)),
        ("exp", json!("tomorrow")),
        ("exp", Value::Null),
        ("nbf", json!(now + 60)),
        ("iss", json!("someone-else")),
        ("iss", json!(["kolaylogin", "someone-else"])),
        ("aud", json!("session")),
        ("aud", json!([])),
        ("aud", Value::Null),
        ("role", json!("superuser")),
        ("role", json!(["owner"])),
        ("role", Value::Null),
        ("workspaceId", json!("")),
        ("workspaceId", json!("ws demo")),
        ("workspaceId", json!("a".repeat(129))),
        ("workspaceId", json!(7)),
        ("workspaceId", json!("ws_demo' OR 1=1")),
        ("sub", json!("")),
        ("sub", json!(7)),
    ];
    for (claim, value) in wrong {
        let token = tokens::signed(&tokens::with(&valid(), claim, value.clone()));
        assert_refused(&service, &token, &format!("{claim}: {value}")).await;
    }
}

async fn a_token_with_a_wrong_signature_is_refused(database: TestDatabase) {
    let service = service(&database).await;
    let secret = EncodingKey::from_secret(tokens::SECRET.as_bytes());
    let hs512 = tokens::sign(&Header::new(Algorithm::HS512), &valid(), &secret);
    assert_refused(&service, &hs512, "HS512 with the right secret").await;
    let mut critical = Header::new(Algorithm::HS256);
    critical.crit = Some(vec!["b64".to_owned()]);
    assert_refused(&service, &tokens::sign(&critical, &valid(), &secret), "crit").await;
    let stranger = EncodingKey::from_secret(b"another-secret-of-at-least-32-bytes!");
    let forged = tokens::sign(&Header::new(Algorithm::HS256), &valid(), &stranger);
    assert_refused(&service, &forged, "another secret").await;

    let token = tokens::owner("ws_demo");
    let [_, payload, signature] = token.split('.').collect::<Vec<_>>().try_into().unwrap();
    // {"alg":"none","typ":"JWT"} and {"alg":"none"}
    for header in ["eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0", "eyJhbGciOiJub25lIn0"] {
        assert_refused(&service, &format!("{header}.{payload}."), "alg none, no signature").await;
        let signed = format!("{header}.{payload}.{signature}");
        assert_refused(&service, &signed, "alg none, signed").await;
    }
    let other = tokens::owner("ws_other");
    let other_payload = other.split('.').nth(1).unwrap();
    let swapped = token.replace(payload, other_payload);
    assert_refused(&service, &swapped, "another token's claims").await;
    for malformed in ["x", "..", "a.b.c", "é", &token[..token.len() - 1], &format!("{token}.{token}")] {
        assert_refused(&service, malformed, malformed).await;
    }
    // An end user's session: another kind of token, signed by another key.
    let rsa = EncodingKey::from_rsa_pem(include_bytes!("../keys/rsa.pem")).unwrap();
    let session = json!({
        "sid": "sess_1", "sub": "user_1", "env": "env_1", "iss": "kolaylogin", "exp": tokens::unix_now() + 60,
    });
    let as_rs256 = tokens::sign(&Header::new(Algorithm::RS256), &session, &rsa);
    assert_refused(&service, &as_rs256, "an end user's session").await;
    assert_refused(&service, &tokens::signed(&session), "a session signed with our secret").await;
}

async fn a_refusal_says_what_is_wrong_with_the_token(database: TestDatabase) {
    let service = service(&database).await;
    for (claims, message) in [
        (tokens::with(&valid(), "exp", tokens::unix_now() - 60), "it has expired; sign in again"),
        (tokens::with(&valid(), "nbf", tokens::unix_now() + 60), "it is not valid yet"),
        (tokens::with(&valid(), "aud", "session"), "it is not meant for the dashboard"),
        (tokens::with(&valid(), "iss", "x"), "it is from another issuer"),
        (tokens::without(&valid(), "aud"), "it has no `aud`"),
        (tokens::without(&valid(), "workspaceId"), "missing field `workspaceId`"),
    ] {
        let answer = service.get(STATUS, &tokens::signed(&claims)).await;
        let told = answer.json()["message"].as_str().unwrap().to_owned();
        assert!(told.contains(message), "{told}");
    }
}

/// On every path and before anything else of the request is looked at.
async fn missing_token_is_refused_before_anything_else(database: TestDatabase) {
    let service = service(&database).await;
    let ids = Ids::fictitious(&service);
    let operations = dashboard_operations(&service).into_iter();
    let known = operations.map(|operation| (operation.method.clone(), operation.path(&ids)));
    let unknown = [(Method::DELETE, STATUS), (Method::GET, "/v1/dashboard/billing/no-such-thing")];
    for (method, path) in known.chain(unknown.map(|(method, path)| (method, path.to_owned()))) {
        let request = service
            .request(method.clone(), &path)
            .header("content-type", "text/plain")
            .body("x".repeat(70_000));
        assert_eq!(
            service.send(request).await.refusal(),
            (401, "unauthenticated".to_owned()),
            "{method} {path}"
        );
    }
}

async fn audiences_clock_skew_and_optional_claims_refuse_nobody(database: TestDatabase) {
    let service = service(&database).await;
    let now = tokens::unix_now();
    for claims in [
        tokens::with(&valid(), "aud", json!(["dashboard", "reports"])),
        tokens::with(&valid(), "nbf", now + 2),
        tokens::with(&valid(), "something", "else"),
        tokens::with(&valid(), "name", 7),
        tokens::with(&valid(), "workspaceName", "\u{202e}"),
    ] {
        assert_eq!(service.get(STATUS, &tokens::signed(&claims)).await.text, OFF, "{claims}");
    }
}
