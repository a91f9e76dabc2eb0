//! Addresses that are not there, and methods an address does not take.

use billing_testing::{Service, Suite, Tenant, TestDatabase};
use reqwest::Method;

use crate::BINARY;
use crate::browser::Browser;

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_sqlite(
            "unknown_addresses_are_pages_to_browsers_only",
            unknown_addresses_are_pages_to_browsers_only,
        )
        .on_sqlite("refused_methods_are_pages_to_browsers_only", refused_methods_are_pages_to_browsers_only)
        .on_sqlite("a_slash_behind_a_page_leads_to_the_page", a_slash_behind_a_page_leads_to_the_page)
        .on_sqlite("a_slash_never_leads_to_another_site", a_slash_never_leads_to_another_site)
        .on_sqlite("head_is_answered_like_get_without_the_body", head_is_answered_like_get_without_the_body)
}

const UNKNOWN: [&str; 12] = [
    "/nope",
    "/docs",
    "/docs/",
    "/docs/api/nope",
    "//app",
    "/app/app_demo/nope",
    "/app/app_demo/billing/nope/",
    "/settings/nope",
    "/assets/nope.css",
    "/v1",
    "/v1/nope",
    "/favicon.ico",
];

async fn unknown_addresses_are_pages_to_browsers_only(database: TestDatabase) {
    let service = Service::start(BINARY, &database.url, database.folder.path()).await;
    for browser in [Browser::new(&service), Browser::of(&service, "ws_demo", "owner")] {
        for path in UNKNOWN {
            for method in [Method::GET, Method::POST] {
                let page = browser.send(browser.request(method, path)).await;
                assert_eq!(page.status, 404, "{path}");
                assert!(page.shows("<h1>Page not found</h1>"), "{path}: {}", page.text);
                assert!(page.headers.contains_key("content-security-policy"), "{path}");
            }
        }
    }
    for path in UNKNOWN {
        for accept in ["*/*", "application/json", "application/json, text/html;q=0.5"] {
            let request = service.request(Method::GET, path).header("accept", accept);
            let answer = service.send(request).await;
            assert_eq!(answer.refusal(), (404, "not_found".to_owned()), "{path}");
        }
    }
}

async fn refused_methods_are_pages_to_browsers_only(database: TestDatabase) {
    let service = Service::start(BINARY, &database.url, database.folder.path()).await;
    let browser = Browser::new(&service);
    let paths = [("/app", "GET, HEAD"), ("/app/new", "GET, HEAD, POST"), ("/assets/app.css", "GET, HEAD")];
    for (path, allowed) in paths {
        let page = browser.send(browser.request(Method::PATCH, path)).await;
        assert_eq!((page.status, page.headers["allow"].to_str().unwrap()), (405, allowed));
        assert!(page.shows("<h1>This address does not work that way</h1>"), "{path}: {}", page.text);

        let answer = service.send(service.request(Method::PATCH, path)).await;
        assert_eq!(answer.refusal(), (405, "method_not_allowed".to_owned()));
        assert_eq!(answer.headers["allow"], allowed);
    }
}

async fn a_slash_behind_a_page_leads_to_the_page(database: TestDatabase) {
    let service = Service::start(BINARY, &database.url, database.folder.path()).await;
    let shop = Tenant::new(&service, "ws_one", "stocked").await;
    let browser = Browser::new(&service);
    let pages = billing_dashboard::routes().into_iter().filter(|route| route.is_page() && route.path != "/");
    for path in pages.map(|route| shop.ids.fill(route.path)) {
        for method in [Method::GET, Method::HEAD] {
            let leading = browser.send(browser.request(method, &format!("{path}/?cursor=%2F"))).await;
            assert_eq!((leading.status, leading.location), (308, Some(format!("{path}?cursor=%2F"))));
        }
    }
    let form = browser.submit("/app/new/", &[("name", "Web")]).await;
    assert_eq!((form.status, form.location), (404, None));
}

async fn a_slash_never_leads_to_another_site(database: TestDatabase) {
    let service = Service::start(BINARY, &database.url, database.folder.path()).await;
    let browser = Browser::new(&service);
    for path in [
        "//",
        "///",
        "//evil.example/",
        "//evil.example/app/",
        "//app/",
        "/\\evil.example/",
        "/%2Fevil.example/",
    ] {
        let page = browser.get(path).await;
        assert_eq!((page.status, page.location), (404, None), "{path}");
    }
}

async fn head_is_answered_like_get_without_the_body(database: TestDatabase) {
    let service = Service::start(BINARY, &database.url, database.folder.path()).await;
    let shop = Tenant::new(&service, "ws_one", "stocked").await;
    let owner = Browser::of(&service, &shop.workspace, "owner");
    owner.get("/app").await;
    let pages = billing_dashboard::routes().into_iter().filter(billing_dashboard::Route::is_page);
    let pages = pages.map(|route| shop.ids.fill(route.path));
    for path in pages.chain(["/assets/app.js", "/docs/api/", "/nope", "/app/app_nobody"].map(str::to_owned)) {
        let get = owner.get(&path).await;
        let head = owner.send(owner.request(Method::HEAD, &path)).await;
        assert_eq!((head.status, head.text.as_str()), (get.status, ""), "{path}");
        assert_eq!(head.location, get.location, "{path}");
        // An export has none: it is sent as it is read.
        assert_eq!(head.headers.get("content-length"), get.headers.get("content-length"), "{path}");
        let is_export = path.ends_with("/export.csv");
        assert_eq!(get.headers.contains_key("content-length"), !is_export, "{path}");
        assert_eq!(head.headers.get("content-type"), get.headers.get("content-type"), "{path}");
    }
}
