//! What is the same for every form. What people see on each of them is in `e2e/`.

use billing_dashboard::Route;
use billing_testing::{Service, Suite, Tenant, TestDatabase, names};
use reqwest::Method;

use crate::BINARY;
use crate::browser::{Browser, Page};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_sqlite(
            "a_form_of_one_workspace_does_nothing_in_another",
            a_form_of_one_workspace_does_nothing_in_another,
        )
        .on_sqlite(
            "a_form_of_another_site_is_refused_everywhere",
            a_form_of_another_site_is_refused_everywhere,
        )
        .on_every_database(
            "a_form_sent_many_times_at_once_makes_one_thing",
            a_form_sent_many_times_at_once_makes_one_thing,
        )
        .on_sqlite(
            "malformed_forms_and_queries_never_fail_the_server",
            malformed_forms_and_queries_never_fail_the_server,
        )
        .on_sqlite("a_form_that_is_too_large_is_refused", a_form_that_is_too_large_is_refused)
        .on_sqlite("unknown_path_is_answered_with_a_page", unknown_path_is_answered_with_a_page)
}

async fn a_form_of_another_site_is_refused_everywhere(database: TestDatabase) {
    let service = Service::start(BINARY, &database.url, database.folder.path()).await;
    let shop = Tenant::new(&service, "ws_one", "stocked").await;
    let before = shop.everything(&service).await;
    let owner = Browser::of(&service, &shop.workspace, "owner");
    let csrf = owner.form_token().await;
    let other = csrf.replacen(&csrf[..8], "00000000", 1);
    for route in billing_dashboard::routes().iter().filter(|route| route.takes_form()) {
        let path = shop.ids.fill(route.path);
        let post =
            |token: &str| owner.request(Method::POST, &path).form(&[("csrf", token), ("name", "Forged")]);
        for forged in [
            owner.request(Method::POST, &path),
            post(""),
            post(&other),
            post(&csrf[1..]),
            post(&csrf).header("sec-fetch-site", "cross-site"),
            post(&csrf).header("sec-fetch-site", "same-site"),
            post(&csrf).header("origin", "https://evil.example"),
            post(&csrf).header("origin", "null"),
        ] {
            assert_eq!(owner.send(forged).await.status, 403, "{path}");
        }
    }
    assert_eq!(shop.everything(&service).await, before);
}

async fn a_form_sent_many_times_at_once_makes_one_thing(database: TestDatabase) {
    let service = Service::start(BINARY, &database.url, database.folder.path()).await;
    let shop = Tenant::new(&service, "ws_one", "stocked").await;
    let owner = Browser::of(&service, &shop.workspace, "owner");
    let billing = format!("/app/{}/billing", shop.ids["appId"]);
    let plan = format!("{billing}/plans/{}", shop.ids["planId"]);
    let count = async |list: &str, of: &str| owner.get(list).await.text.matches(of).count();

    let new_plan = [
        ("submission", "form_1"),
        ("name", "Sent often"),
        ("key", "sent_often"),
        ("payer_kind", "user"),
        ("trial_days", "0"),
        ("visibility", "public"),
    ];
    all_succeed(&owner, &format!("{billing}/plans/new"), &new_plan).await;
    assert_eq!(count(&billing, ">Sent often<").await, 1);

    let new_feature = [("submission", "form_2"), ("name", "Often"), ("key", "often")];
    all_succeed(&owner, &format!("{billing}/new-feature"), &new_feature).await;
    all_succeed(&owner, "/app/new", &[("submission", "form_3"), ("name", "Made often")]).await;
    assert_eq!(count("/app", ">Made often<").await, 1);

    let version = owner.get(&plan).await.hidden("version").unwrap().to_owned();
    let price = [
        ("submission", "form_4"),
        ("version", version.as_str()),
        ("amount", "99"),
        ("currency", "EUR"),
        ("interval", "year"),
    ];
    all_succeed(&owner, &format!("{plan}/prices"), &price).await;
    assert_eq!(count(&plan, ">€99.00 <span").await, 1);
    let feature = [("submission", "form_5"), ("key", "often")];
    all_succeed(&owner, &format!("{plan}/features"), &feature).await;

    // A form that edits carries the version it was made of, and the first one to arrive changes it.
    let app = format!("/app/{}", shop.ids["appId"]);
    let edited = format!("{billing}/features/often");
    for (form, fields) in [
        (format!("{plan}/edit"), vec![("name", "Edited"), ("trial_days", "7"), ("visibility", "hidden")]),
        (edited, vec![("name", "Edited"), ("description", "first\r\nsecond")]),
        (app, vec![("name", "Edited"), ("origins", "https://a.example\r\nhttps://a.example/")]),
    ] {
        let version = owner.get(&form).await.hidden("version").unwrap().to_owned();
        let fields = [fields, vec![("version", &*version)]].concat();
        all_succeed(&owner, &form, &fields).await;
        let other = [vec![("name", "Overtaken")], fields].concat();
        assert_eq!(owner.submit(&form, &other).await.status, 409, "{form}");
    }

    // The same form with other values is another wish, and is asked about.
    let changed = [("submission", "form_3"), ("name", "Another app")];
    let asked = owner.submit("/app/new", &changed).await;
    assert_eq!(asked.status, 409);
    assert!(asked.shows("This form was sent before, with other values."), "{}", asked.text);
    let fresh = asked.hidden("submission").unwrap().to_owned();
    assert_ne!(fresh, "form_3");
    assert_eq!(owner.submit("/app/new", &[("submission", &fresh), changed[1]]).await.status, 303);
}

async fn all_succeed(owner: &Browser, action: &str, fields: &[(&str, &str)]) {
    let sent = (0..8).map(|_| owner.submit(action, fields));
    let pages: Vec<Page> = futures_util::future::join_all(sent).await;
    for page in &pages {
        assert_eq!(page.status, 303, "{action}: {}", page.text);
        assert_eq!(page.location, pages[0].location);
    }
}

async fn malformed_forms_and_queries_never_fail_the_server(database: TestDatabase) {
    let service = Service::start(BINARY, &database.url, database.folder.path()).await;
    let shop = Tenant::new(&service, "ws_one", "stocked").await;
    let owner = Browser::of(&service, &shop.workspace, "owner");
    let csrf = owner.form_token().await;
    let bodies: [Vec<u8>; 6] = [
        Vec::new(),
        vec![0, 255, 254, b'=', 0, b'&'],
        b"%00=%00&%ff=%ff&&&===".to_vec(),
        format!("csrf={csrf}&name=%00%ff&key=%00&version=-1&trial_days=1e9&amount=NaN").into_bytes(),
        format!("csrf={csrf}&csrf=x&name={}&version=99999999999999999999", "x".repeat(60_000)).into_bytes(),
        format!("csrf={csrf}&gateway=paypal&currency=%F0%9F%92%B0&amount=1&interval=week&is_default=maybe")
            .into_bytes(),
    ];
    let signed_out = |route: &Route| route.path == "/sign-out";
    for route in billing_dashboard::routes().iter().filter(|route| !signed_out(route)) {
        let path = shop.ids.fill(route.path);
        for body in &bodies {
            let page = owner.send(owner.request(Method::POST, &path).body(body.clone())).await;
            assert!(page.status < 500, "{path}: {} {}", page.status, page.text);
        }
        for query in ["?cursor=%00", "?cursor=plan_x&archived=%ff", "?returnTo=%0d%0ax", "?cursor=%27;--"] {
            let page = owner.get(&format!("{path}{query}")).await;
            assert!(page.status < 500, "{path}{query}: {}", page.status);
        }
    }
    for path in [
        "/app/%00",
        "/app/%ff/billing",
        "/app/..%2f..%2fetc/billing",
        "/assets/..%2f..%2fCargo.toml",
        "/app/%27%20OR%201=1",
    ] {
        assert_eq!(owner.get(path).await.status, 404, "{path}");
    }
}

async fn a_form_that_is_too_large_is_refused(database: TestDatabase) {
    let service = Service::start(BINARY, &database.url, database.folder.path()).await;
    let owner = Browser::of(&service, "ws_one", "owner");
    let large = "x".repeat(70 * 1024);
    assert_eq!(owner.submit("/app/new", &[("name", &large)]).await.status, 413);
}

async fn unknown_path_is_answered_with_a_page(database: TestDatabase) {
    let service = Service::start(BINARY, &database.url, database.folder.path()).await;
    for browser in [Browser::new(&service), Browser::of(&service, "ws_one", "owner")] {
        for path in ["/app/app_demo/invoices", "/settings/nothing", "/settings/billing/x/y"] {
            let page = browser.get(path).await;
            assert_eq!(page.status, 404);
            assert!(page.text.starts_with("<!doctype html>"), "{path}: {}", page.text);
        }
        let wrong_method = browser.send(browser.request(Method::DELETE, "/app")).await;
        assert_eq!(
            (wrong_method.status, wrong_method.headers["allow"].to_str().unwrap()),
            (405, "GET, HEAD")
        );
    }
}

async fn a_form_of_one_workspace_does_nothing_in_another(database: TestDatabase) {
    let service = Service::start(BINARY, &database.url, database.folder.path()).await;
    let one = Tenant::new(&service, "ws_one", "theirs").await;
    let two = Tenant::new(&service, "ws_two", "ours").await;
    let before = two.everything(&service).await;
    let person = Browser::of(&service, &one.workspace, "owner");
    let routes = billing_dashboard::routes();
    let has_form = |route: &&Route| route.needs_session && route.is_page() && route.takes_form();
    // What is in an app of one workspace is not there at all in another.
    let of_each_workspace = routes.iter().filter(has_form).filter(|route| names(route.path).is_empty());
    let paths: Vec<_> = of_each_workspace.map(|route| route.path).collect();
    assert!(paths.len() >= 3, "{paths:?}");
    for path in paths {
        person.sign_in(&one.workspace, "owner");
        let page = person.get(path).await;
        let token = page.hidden("csrf").unwrap().to_owned();
        // In another tab.
        person.sign_in(&two.workspace, "owner");
        let fields = [("csrf", token.as_str()), ("name", "Meant for one"), ("gateway", "stripe_connect")];
        let sent = person.send(person.request(Method::POST, path).form(&fields)).await;
        assert_eq!(sent.status, 409, "{path}");
        assert!(sent.shows("Nothing was changed."), "{}", sent.text);
    }
    assert_eq!(two.everything(&service).await, before);
}
