use std::collections::{BTreeMap, BTreeSet};

use billing_testing::{Suite, TestDatabase, tokens};
use reqwest::Method;
use serde_json::Value;

use crate::{APPS, DISABLE, ENABLE, PREFLIGHT, STATUS, service};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_sqlite(
            "the_document_describes_every_endpoint_and_refusal",
            the_document_describes_every_endpoint_and_refusal,
        )
        .on_sqlite(
            "the_documentation_is_browsable_without_the_internet",
            the_documentation_is_browsable_without_the_internet,
        )
}

/// Every operation with every status it may answer.
fn expected() -> BTreeMap<String, BTreeSet<&'static str>> {
    let open = ["200", "405", "500"].as_slice();
    let signed_in = ["401", "403", "405", "500", "503"].as_slice();
    let sent = ["400", "409", "413", "415"].as_slice();
    let (list, of_one, deleting) = (["200", "400"].as_slice(), ["404"].as_slice(), ["404", "409"].as_slice());
    let (ok, created, made) = (["200"].as_slice(), ["201"].as_slice(), ["200", "201"].as_slice());
    let gone = ["204"].as_slice();
    let plan = "/v1/dashboard/apps/{appId}/billing/plans/{planId}";
    let features = "/v1/dashboard/apps/{appId}/billing/features";
    [
        ("get /healthz".to_owned(), vec![open]),
        ("get /readyz".to_owned(), vec![open, &["503"]]),
        ("get /metrics".to_owned(), vec![open]),
        (format!("get {STATUS}"), vec![ok, signed_in]),
        (format!("get {PREFLIGHT}"), vec![ok, signed_in]),
        (format!("post {ENABLE}"), vec![ok, signed_in, sent]),
        (format!("post {DISABLE}"), vec![ok, signed_in, sent]),
        ("get /v1/dashboard/billing/gateways".to_owned(), vec![ok, signed_in]),
        ("get /v1/dashboard/billing/audit-log".to_owned(), vec![list, signed_in]),
        (format!("get {APPS}"), vec![list, signed_in]),
        (format!("post {APPS}"), vec![created, signed_in, sent]),
        (format!("get {APPS}/{{appId}}"), vec![ok, signed_in, of_one]),
        (format!("patch {APPS}/{{appId}}"), vec![ok, signed_in, of_one, sent]),
        (format!("get {APPS}/{{appId}}/billing/plans"), vec![list, signed_in, of_one]),
        (format!("post {APPS}/{{appId}}/billing/plans"), vec![created, signed_in, of_one, sent]),
        (format!("get {plan}"), vec![ok, signed_in, of_one]),
        (format!("patch {plan}"), vec![ok, signed_in, of_one, sent]),
        (format!("delete {plan}"), vec![ok, signed_in, deleting]),
        (format!("post {plan}/prices"), vec![made, signed_in, of_one, sent]),
        (format!("delete {plan}/prices/{{priceId}}"), vec![ok, signed_in, deleting]),
        (format!("post {plan}/features"), vec![made, signed_in, of_one, sent]),
        (format!("delete {plan}/features/{{key}}"), vec![gone, signed_in, deleting]),
        (format!("get {features}"), vec![list, signed_in, of_one]),
        (format!("post {features}"), vec![created, signed_in, of_one, sent]),
        (format!("get {features}/{{key}}"), vec![ok, signed_in, of_one]),
        (format!("patch {features}/{{key}}"), vec![ok, signed_in, of_one, sent]),
        (format!("delete {features}/{{key}}"), vec![gone, signed_in, deleting]),
    ]
    .into_iter()
    .map(|(operation, statuses)| (operation, statuses.into_iter().flatten().copied().collect()))
    .collect()
}

/// Every answer of every test is checked against the document as well: see `Service::send`.
async fn the_document_describes_every_endpoint_and_refusal(database: TestDatabase) {
    let service = service(&database).await;
    let document = service.document();
    assert_eq!(document["openapi"], "3.1.0");

    let operations = document["paths"].as_object().unwrap().iter().flat_map(|(path, item)| {
        item.as_object().unwrap().iter().map(move |(method, operation)| {
            let statuses = operation["responses"].as_object().unwrap().keys().map(String::as_str);
            (format!("{method} {path}"), statuses.collect::<BTreeSet<_>>())
        })
    });
    let documented: BTreeMap<_, _> = operations.collect();
    let expected = expected();
    assert_eq!(documented.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    for (operation, statuses) in expected {
        assert_eq!(documented[&operation], statuses, "{operation}");
    }

    for (path, item) in document["paths"].as_object().unwrap() {
        for operation in item.as_object().unwrap().values() {
            assert!(operation["summary"].is_string(), "{path} has no summary");
            let parameters = operation["parameters"].as_array().map_or(0, |all| {
                all.iter()
                    .filter(|it| it["in"] == "path" && it["required"] == true && it["example"].is_string())
                    .count()
            });
            assert_eq!(parameters, path.matches('{').count(), "{path}");
        }
    }
    for path in [ENABLE, DISABLE] {
        assert_ne!(document["paths"][path]["post"]["requestBody"]["required"], true, "{path}");
    }
    assert_eq!(document["paths"][APPS]["post"]["requestBody"]["required"], true);
    assert_eq!(document["paths"][APPS]["post"]["parameters"][0]["name"], "Idempotency-Key");

    let codes = document["components"]["schemas"]["ErrorCode"]["enum"].as_array().unwrap();
    assert!(codes.contains(&Value::from("billing_has_active_end_user_subscriptions")));
    assert!(document["components"]["securitySchemes"]["dashboardToken"].is_object());
}

async fn the_documentation_is_browsable_without_the_internet(database: TestDatabase) {
    let service = service(&database).await;
    let owner = tokens::owner("ws_demo");

    let page = service.get("/docs/api", &owner).await;

    assert_eq!(page.status, 200);
    assert!(page.text.contains("Swagger UI"));
    for asset in ["swagger-ui.css", "swagger-ui-bundle.js", "swagger-initializer.js"] {
        let served = service.send(service.request(Method::GET, &format!("/docs/api/{asset}"))).await;
        assert_eq!(served.status, 200, "{asset}");
        if asset.contains("initializer") {
            assert!(served.text.contains("/openapi.json"), "{}", served.text);
        }
    }
    let missing = service.send(service.request(Method::GET, "/docs/api/no-such-page")).await;
    assert_eq!(missing.refusal(), (404, "not_found".to_owned()));
    assert!(!page.text.contains("http://") && !page.text.contains("https://"), "{}", page.text);
}
