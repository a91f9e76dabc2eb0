use std::collections::BTreeMap;

use billing_testing::{Service, Suite, Tenant, TestDatabase, operations, tokens};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{DISABLE, ENABLE, OFF, STATUS, service};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_sqlite(
            "a_body_that_cannot_be_read_names_what_is_wrong",
            a_body_that_cannot_be_read_names_what_is_wrong,
        )
        .on_sqlite("a_body_over_64_kib_is_too_large", a_body_over_64_kib_is_too_large)
        .on_sqlite("a_body_that_is_not_json_is_unsupported", a_body_that_is_not_json_is_unsupported)
        .on_sqlite("every_path_says_which_methods_it_takes", every_path_says_which_methods_it_takes)
        .on_sqlite("unknown_path_is_not_found", unknown_path_is_not_found)
        .on_sqlite("no_cors_origin_is_allowed_by_default", no_cors_origin_is_allowed_by_default)
}

async fn post_raw(
    service: &Service,
    path: &str,
    content_type: Option<&str>,
    body: impl Into<reqwest::Body>,
) -> billing_testing::Answer {
    let mut request = service.request(Method::POST, path).bearer_auth(tokens::owner("ws_demo")).body(body);
    if let Some(content_type) = content_type {
        request = request.header("content-type", content_type);
    }
    service.send(request).await
}

async fn a_body_that_cannot_be_read_names_what_is_wrong(database: TestDatabase) {
    let service = service(&database).await;
    let owner = tokens::owner("ws_demo");
    for (body, field, told) in [
        (r#"{"gatway":"managed"}"#, json!("gatway"), "unknown field `gatway`, expected `gateway`"),
        (r#"{"gateway":"managed","x":1}"#, json!("x"), "unknown field `x`"),
        (r#"{"gateway":"paypal"}"#, json!("gateway"), "Choose managed, stripe_connect or stripe_platform."),
        (r#"{"gateway":5}"#, json!("gateway"), "gateway"),
        (r#"{"gateway":["managed"]}"#, json!("gateway"), "gateway"),
        (r#"{"gateway":{"stripe_connect":null}}"#, json!("gateway"), "gateway"),
        (r#"{"gateway":"managed","gateway":"managed"}"#, json!("gateway"), "duplicate field `gateway`"),
        (r#"["managed"]"#, Value::Null, "must be a JSON object"),
        (r#""managed""#, Value::Null, "must be a JSON object"),
        ("null", Value::Null, "must be a JSON object"),
        ("   ", Value::Null, "must be a JSON object"),
        ("{", Value::Null, "EOF"),
        (r#"{"gateway":"managed"} {}"#, Value::Null, "trailing characters"),
        ("{\"gateway\":\"\u{0}\"}", json!("gateway"), "control character"),
    ] {
        let answer = post_raw(&service, ENABLE, Some("application/json"), body).await;
        assert_eq!(answer.refusal(), (400, "invalid_request".to_owned()), "{body}");
        let message = answer.json()["message"].as_str().unwrap().to_owned();
        assert!(message.contains(told), "{body}: {message}");
        if !field.is_null() && !told.contains("duplicate") && !told.contains("control") {
            assert_eq!(answer.json()["details"]["field"], field, "{body}: {}", answer.text);
        }
        assert_eq!(service.get(STATUS, &owner).await.text, OFF, "{body}");
    }
    let not_utf8 = post_raw(&service, ENABLE, Some("application/json"), vec![b'{', 0xff, b'}']).await;
    assert_eq!(not_utf8.refusal(), (400, "invalid_request".to_owned()));
    let told = post_raw(&service, DISABLE, Some("application/json"), r#"{"force":true}"#).await;
    assert_eq!(told.json()["details"]["field"], "force", "{}", told.text);
}

async fn a_body_over_64_kib_is_too_large(database: TestDatabase) {
    let service = service(&database).await;
    let padded = |size: usize| format!("{{{}}}", " ".repeat(size - 2));
    for path in [ENABLE, DISABLE] {
        let too_large = post_raw(&service, path, Some("application/json"), padded(65 * 1024)).await;
        assert_eq!(too_large.refusal(), (413, "payload_too_large".to_owned()));
        let one_too_many = post_raw(&service, path, Some("application/json"), padded(64 * 1024 + 1)).await;
        assert_eq!(one_too_many.refusal(), (413, "payload_too_large".to_owned()));
        let just_fits = post_raw(&service, path, Some("application/json"), padded(64 * 1024)).await;
        assert_eq!(just_fits.status, 200, "{}", just_fits.text);
    }
    // Chunked, so that no header announces the size.
    let chunks = ["x".repeat(40_000), "x".repeat(40_000)].map(Ok::<_, std::io::Error>);
    let chunked = reqwest::Body::wrap_stream(futures_util::stream::iter(chunks));
    let answer = post_raw(&service, ENABLE, Some("application/json"), chunked).await;
    assert_eq!(answer.refusal(), (413, "payload_too_large".to_owned()));
}

async fn a_body_that_is_not_json_is_unsupported(database: TestDatabase) {
    let service = service(&database).await;
    for content_type in [
        None,
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
        Some("application/jsonp"),
        Some(""),
    ] {
        let answer = post_raw(&service, ENABLE, content_type, r#"{"gateway":"managed"}"#).await;
        assert_eq!(answer.refusal(), (415, "unsupported_media_type".to_owned()), "{content_type:?}");
    }
    for content_type in ["application/json; charset=utf-8", "Application/JSON"] {
        let answer = post_raw(&service, ENABLE, Some(content_type), "{}").await;
        assert_eq!(answer.status, 200, "{content_type}: {}", answer.text);
    }
    // Nothing has no type.
    assert_eq!(post_raw(&service, ENABLE, Some("text/plain"), "").await.status, 200);
}

async fn every_path_says_which_methods_it_takes(database: TestDatabase) {
    let service = service(&database).await;
    let Tenant { token, ids, .. } = Tenant::new(&service, "ws_shop", "stocked").await;
    let mut paths: BTreeMap<String, Vec<Method>> = BTreeMap::new();
    for operation in operations(&service) {
        paths.entry(operation.path(&ids)).or_default().push(operation.method);
    }
    for (path, taken) in paths {
        let ask = async |method: &Method| {
            service.send(service.request(method.clone(), &path).bearer_auth(&token)).await
        };
        let reading = taken.contains(&Method::GET).then_some("GET, HEAD");
        let changing = [Method::POST, Method::PATCH, Method::DELETE];
        let changing = changing.iter().filter(|method| taken.contains(method)).map(Method::as_str);
        let allowed = reading.into_iter().chain(changing).collect::<Vec<_>>().join(", ");
        for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS]
        {
            if !taken.contains(&method) {
                let answer = ask(&method).await;
                assert_eq!(answer.refusal(), (405, "method_not_allowed".to_owned()), "{method} {path}");
                assert_eq!(answer.headers["allow"], allowed, "{method} {path}");
            }
        }
        if reading.is_some() {
            let head = ask(&Method::HEAD).await;
            assert_eq!((head.status.as_u16(), head.text.as_str()), (200, ""), "{path}");
        }
    }
}

async fn unknown_path_is_not_found(database: TestDatabase) {
    let service = service(&database).await;
    let owner = tokens::owner("ws_demo");
    for path in [
        "/v1",
        "/v1/dashboard/",
        "/v1/dashboard/apps/",
        "/v1/dashboard/billing/",
        "/v1/dashboard/billing/status/",
        "/v1/dashboard/billing/%2e%2e/status",
        "/%00",
    ] {
        let answer = service.send(service.request(Method::GET, path).bearer_auth(&owner)).await;
        assert_eq!(answer.refusal(), (404, "not_found".to_owned()), "{path}");
    }
}

async fn no_cors_origin_is_allowed_by_default(database: TestDatabase) {
    let service = service(&database).await;
    for method in [Method::OPTIONS, Method::GET] {
        let request = service
            .request(method, STATUS)
            .bearer_auth(tokens::owner("ws_demo"))
            .header("origin", "https://evil.example")
            .header("access-control-request-method", "POST");
        let answer = service.send(request).await;
        assert!(!answer.headers.keys().any(|name| name.as_str().starts_with("access-control")));
    }
}
