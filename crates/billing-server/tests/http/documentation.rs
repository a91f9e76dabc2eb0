use std::collections::{BTreeMap, BTreeSet};

use billing_testing::{Suite, TestDatabase, tokens};
use reqwest::Method;
use serde_json::Value;

use crate::{APPS, DISABLE, ENABLE, service};

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
        .on_sqlite("the_documentation_is_protected_as_pages_are", the_documentation_is_protected_as_pages_are)
}

/// Every operation with the statuses it may answer when nothing is wrong with what it is asked.
const OPERATIONS: &str = "
    get /healthz 200
    get /metrics 200
    get /readyz 200 503
    get /v1/dashboard/apps 200
    post /v1/dashboard/apps 201
    get /v1/dashboard/apps/{appId} 200
    patch /v1/dashboard/apps/{appId} 200
    get /v1/dashboard/apps/{appId}/billing/attention 200
    post /v1/dashboard/apps/{appId}/billing/checkout-links 201 502
    get /v1/dashboard/apps/{appId}/billing/checkout-links/{checkoutLinkId} 200
    delete /v1/dashboard/apps/{appId}/billing/checkout-links/{checkoutLinkId} 204
    get /v1/dashboard/apps/{appId}/billing/features 200
    post /v1/dashboard/apps/{appId}/billing/features 201
    get /v1/dashboard/apps/{appId}/billing/features/{key} 200
    patch /v1/dashboard/apps/{appId}/billing/features/{key} 200
    delete /v1/dashboard/apps/{appId}/billing/features/{key} 204
    get /v1/dashboard/apps/{appId}/billing/invoices 200
    get /v1/dashboard/apps/{appId}/billing/invoices/counts 200
    get /v1/dashboard/apps/{appId}/billing/invoices/export.csv 200
    get /v1/dashboard/apps/{appId}/billing/invoices/{invoiceId} 200
    post /v1/dashboard/apps/{appId}/billing/invoices/{invoiceId}/mark-uncollectible 200 502
    post /v1/dashboard/apps/{appId}/billing/invoices/{invoiceId}/refund 200 502
    post /v1/dashboard/apps/{appId}/billing/invoices/{invoiceId}/send 200 502
    post /v1/dashboard/apps/{appId}/billing/invoices/{invoiceId}/void 200 502
    get /v1/dashboard/apps/{appId}/billing/overview 200
    get /v1/dashboard/apps/{appId}/billing/payers/{payerKind}/{payerId} 200
    get /v1/dashboard/apps/{appId}/billing/plans 200
    post /v1/dashboard/apps/{appId}/billing/plans 201
    get /v1/dashboard/apps/{appId}/billing/plans/{planId} 200
    patch /v1/dashboard/apps/{appId}/billing/plans/{planId} 200
    delete /v1/dashboard/apps/{appId}/billing/plans/{planId} 200
    post /v1/dashboard/apps/{appId}/billing/plans/{planId}/features 200 201
    delete /v1/dashboard/apps/{appId}/billing/plans/{planId}/features/{key} 204
    post /v1/dashboard/apps/{appId}/billing/plans/{planId}/prices 200 201
    delete /v1/dashboard/apps/{appId}/billing/plans/{planId}/prices/{priceId} 200
    get /v1/dashboard/apps/{appId}/billing/subscriptions 200
    get /v1/dashboard/apps/{appId}/billing/subscriptions/counts 200
    get /v1/dashboard/apps/{appId}/billing/subscriptions/export.csv 200
    get /v1/dashboard/apps/{appId}/billing/subscriptions/{subscriptionId} 200
    post /v1/dashboard/apps/{appId}/billing/subscriptions/{subscriptionId}/cancel 200 502
    post /v1/dashboard/apps/{appId}/billing/subscriptions/{subscriptionId}/payment-method-link 201 502
    post /v1/dashboard/apps/{appId}/billing/subscriptions/{subscriptionId}/resume 200 502
    post /v1/dashboard/apps/{appId}/billing/subscriptions/{subscriptionId}/change-plan 200 502
    post /v1/dashboard/apps/{appId}/billing/subscriptions/{subscriptionId}/change-plan/preview 200 502
    get /v1/dashboard/apps/{appId}/billing/subscriptions/{subscriptionId}/timeline 200
    post /v1/dashboard/apps/{appId}/billing/subscriptions/{subscriptionId}/trial 200 502
    get /v1/dashboard/billing/audit-log 200
    post /v1/dashboard/billing/disable 200
    get /v1/dashboard/billing/disable/preflight 200
    post /v1/dashboard/billing/enable 200
    get /v1/dashboard/billing/drift 200
    get /v1/dashboard/billing/gateways 200
    get /v1/dashboard/billing/status 200
    get /v1/dashboard/billing/work 200
    post /v1/dashboard/billing/work/replay 200
    post /v1/stripe/webhook 200 413 429 503
";

/// The statuses of what can be wrong with a request, by what the operation takes.
fn refusals(method: &str, path: &str, operation: &Value) -> Vec<&'static str> {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let takes_parameters = parameters.filter(|parameter| parameter["in"] != "path").count() > 0;
    let takes_body = operation["requestBody"].is_object();
    let takes_token = operation.get("security").is_none();
    let mut refusals = vec!["405", "500"];
    for (is_so, statuses) in [
        (takes_token, ["401", "403", "429", "503"].as_slice()),
        (path.contains('{'), &["404"]),
        (takes_token && method != "get", &["409"]),
        (takes_body || takes_parameters, &["400"]),
        (takes_token && takes_body, &["413", "415"]),
    ] {
        refusals.extend(statuses.iter().filter(|_| is_so));
    }
    refusals
}

/// Every answer of every test is checked against the document as well: see `Service::send`.
async fn the_document_describes_every_endpoint_and_refusal(database: TestDatabase) {
    let service = service(&database).await;
    let document = service.document();
    assert_eq!(document["openapi"], "3.1.0");

    let mut listed: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for line in OPERATIONS.lines().filter(|line| !line.is_empty()) {
        let [method, path, statuses @ ..] = &*line.split_whitespace().collect::<Vec<_>>() else {
            panic!("{line}")
        };
        listed.insert((*method, *path), statuses.iter().copied().collect());
    }
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = (method.as_str(), path.as_str());
            let mut expected = listed.remove(&name).unwrap_or_else(|| panic!("{name:?} is not listed here"));
            expected.extend(refusals(method, path, operation));
            let documented: BTreeSet<_> =
                operation["responses"].as_object().unwrap().keys().map(String::as_str).collect();
            assert_eq!(documented, expected, "{name:?}");
        }
    }
    assert!(listed.is_empty(), "not in the document: {listed:?}");

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
    for path in service.document()["paths"].as_object().unwrap().keys() {
        assert!(page.text.contains(&format!("<code>{path}</code>")), "{path} is missing");
    }
    let inline = ["<script", "<style", " style="].map(|inline| page.text.matches(inline).count());
    assert_eq!(inline, [0; 3], "{}", page.text);
    let styles = service.send(service.request(Method::GET, "/docs/api/reference.css")).await;
    assert_eq!(styles.status, 200);
    assert_eq!(styles.headers["content-length"], styles.text.len().to_string());
    let missing = service.send(service.request(Method::GET, "/docs/api/no-such-page")).await;
    assert_eq!(missing.refusal(), (404, "not_found".to_owned()));
    let loaded = [" src=", "href=\"http", "url("].map(|from| page.text.matches(from).count());
    assert_eq!(loaded, [0; 3], "{}", page.text);
}

async fn the_documentation_is_protected_as_pages_are(database: TestDatabase) {
    let service = service(&database).await;
    for path in ["/docs/api/", "/docs/api/reference.css"] {
        let file = service.send(service.request(Method::GET, path)).await;
        let head = service.send(service.request(Method::HEAD, path)).await;
        for (name, value) in [
            ("x-frame-options", "DENY"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("x-content-type-options", "nosniff"),
            ("cache-control", "no-cache"),
        ] {
            assert_eq!(file.headers[name], value, "{path}");
            assert_eq!(head.headers[name], value, "{path}");
        }
        let policy = file.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; style-src 'self';"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!((head.status.as_u16(), head.text.as_str()), (200, ""));
        assert_eq!(head.headers["content-length"], file.headers["content-length"]);

        let known = service.request(Method::GET, path).header("if-none-match", &file.headers["etag"]);
        let known = service.send(known).await;
        assert_eq!((known.status.as_u16(), known.text.as_str()), (304, ""));
        let other = service.request(Method::GET, path).header("if-none-match", "\"another\"");
        assert_eq!(service.send(other).await.text, file.text);
    }
}
