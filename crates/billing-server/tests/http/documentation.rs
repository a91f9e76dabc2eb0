use std::collections::BTreeSet;

use billing_testing::{Suite, TestDatabase, tokens};
use reqwest::Method;
use serde_json::Value;

use crate::{DISABLE, ENABLE, PREFLIGHT, STATUS, service};

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

/// Every answer of every test is checked against the document as well: see `Service::send`.
async fn the_document_describes_every_endpoint_and_refusal(database: TestDatabase) {
    let service = service(&database).await;
    let document = service.document();
    assert_eq!(document["openapi"], "3.1.0");

    let paths: BTreeSet<_> = document["paths"].as_object().unwrap().keys().map(String::as_str).collect();
    let expected = BTreeSet::from([STATUS, ENABLE, DISABLE, PREFLIGHT, "/healthz", "/readyz", "/metrics"]);
    assert_eq!(paths, expected);

    let statuses = |path: &str, method: &str| -> BTreeSet<String> {
        let responses = &document["paths"][path][method]["responses"];
        responses.as_object().unwrap().keys().cloned().collect()
    };
    let of = |statuses: &[&str]| statuses.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
    let reading = of(&["200", "401", "403", "405", "500", "503"]);
    let changing = of(&["200", "400", "401", "403", "405", "409", "413", "415", "500", "503"]);
    assert_eq!(statuses(STATUS, "get"), reading);
    assert_eq!(statuses(PREFLIGHT, "get"), reading);
    assert_eq!(statuses(ENABLE, "post"), changing);
    assert_eq!(statuses(DISABLE, "post"), changing);

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
