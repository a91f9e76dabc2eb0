//! Nobody sees or changes what is somebody else's, on any page. The pages are those the dashboard itself lists.

use billing_dashboard::Route;
use billing_testing::{Ids, Service, Suite, Tenant, TestDatabase, names};

use crate::BINARY;
use crate::browser::{Browser, Page};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database(
            "pages_of_another_tenant_look_like_absent_pages",
            pages_of_another_tenant_look_like_absent_pages,
        )
        .on_sqlite(
            "a_member_sees_every_page_and_changes_nothing",
            a_member_sees_every_page_and_changes_nothing,
        )
        .on_sqlite("signed_out_people_are_asked_to_sign_in", signed_out_people_are_asked_to_sign_in)
        .on_sqlite("owner_gets_every_page", owner_gets_every_page)
}

/// Fields that would be accepted by whichever form.
const FIELDS: [(&str, &str); 14] = [
    ("name", "Taken over"),
    ("key", "taken_over"),
    ("description", ""),
    ("origins", "https://evil.example"),
    ("payer_kind", "user"),
    ("trial_days", "1"),
    ("visibility", "hidden"),
    ("amount", "1"),
    ("currency", "USD"),
    ("interval", "month"),
    ("gateway", "stripe_connect"),
    ("payer", "user_1"),
    ("quantity", "1"),
    ("version", "1"),
];

fn private_routes() -> Vec<Route> {
    billing_dashboard::routes().into_iter().filter(|route| route.needs_session).collect()
}

async fn ask(browser: &Browser, route: &Route, path: &str) -> Vec<Page> {
    let mut answers = Vec::new();
    if route.is_page() {
        answers.push(browser.get(path).await);
    }
    if route.takes_form() {
        answers.push(browser.submit(path, &FIELDS).await);
    }
    answers
}

async fn pages_of_another_tenant_look_like_absent_pages(database: TestDatabase) {
    let service = Service::start(BINARY, &database.url, database.folder.path()).await;
    let shop = Tenant::new(&service, "ws_one", "theirs").await;
    let other = Tenant::new(&service, "ws_two", "ours").await;
    let before = shop.everything(&service).await;
    let intruder = Browser::of(&service, &other.workspace, "owner");
    let absent = Ids::fictitious(&service);
    let mut compared = 0;
    for route in private_routes().iter().filter(|route| route.path.contains('{')) {
        // Everything somebody else's, and one part of it in the midst of one's own.
        let mut questions = vec![(shop.ids.fill(route.path), absent.fill(route.path))];
        // A kind of payer is nobody's.
        for name in names(route.path).into_iter().filter(|name| name != "payerKind") {
            let with = |ids: &Ids| other.ids.with(&name, &ids[&name]).fill(route.path);
            questions.push((with(&shop.ids), with(&absent)));
        }
        for (foreign, absent) in questions {
            let (foreign_answers, absent_answers) =
                (ask(&intruder, route, &foreign).await, ask(&intruder, route, &absent).await);
            for (foreign_answer, absent_answer) in foreign_answers.iter().zip(&absent_answers) {
                assert_eq!(foreign_answer.status, 404, "{foreign}");
                assert_eq!(absent_answer.status, 404, "{absent}");
                assert_eq!(
                    foreign_answer.without_request_id(),
                    absent_answer.without_request_id(),
                    "{foreign}"
                );
                compared += 1;
            }
        }
    }
    assert!(compared >= 60, "only {compared} answers were compared");
    assert_eq!(shop.everything(&service).await, before);
}

/// The page that a member may not even see.
const FOR_ADMINISTRATORS: &str = "/settings/billing/work";

async fn a_member_sees_every_page_and_changes_nothing(database: TestDatabase) {
    let service = Service::start(BINARY, &database.url, database.folder.path()).await;
    let shop = Tenant::new(&service, "ws_one", "stocked").await;
    let before = shop.everything(&service).await;
    let member = Browser::of(&service, &shop.workspace, "member");
    for route in private_routes() {
        let path = shop.ids.fill(route.path);
        if path == FOR_ADMINISTRATORS {
            assert_eq!(member.get(&path).await.status, 403);
        } else if route.is_page() {
            let page = member.get(&path).await;
            assert_eq!(page.location, elsewhere(&route, &shop), "{path}");
            assert!(page.status == 200 || page.location.is_some(), "{path}: {}", page.status);
            let forms = page.text.matches("method=\"post\"").count();
            let is_html = page.text.starts_with("<!doctype html>");
            let signs_out = usize::from(page.status == 200 && is_html);
            assert_eq!(forms, signs_out, "{path} has a form besides signing out");
        }
        if route.takes_form() {
            let page = member.submit(&path, &FIELDS).await;
            assert_eq!(page.status, 403, "{path}");
            assert!(
                page.shows("Only an owner or admin of the workspace can change this."),
                "{path}: {}",
                page.text
            );
        }
    }
    assert_eq!(shop.everything(&service).await, before);
}

async fn signed_out_people_are_asked_to_sign_in(database: TestDatabase) {
    let service = Service::start(BINARY, &database.url, database.folder.path()).await;
    let shop = Tenant::new(&service, "ws_one", "stocked").await;
    let before = shop.everything(&service).await;
    let nobody = Browser::new(&service);
    for route in private_routes() {
        let path = shop.ids.fill(route.path);
        if route.is_page() {
            let page = nobody.get(&path).await;
            let encoded = path.replace('/', "%2F");
            assert_eq!(page.location, Some(format!("/sign-in?returnTo={encoded}")));
        }
        if route.takes_form() {
            let page = nobody.submit(&path, &FIELDS).await;
            assert_eq!(page.status, 401, "{path}");
            assert_eq!(page.hidden("name"), Some("Taken over"), "what was typed is kept: {path}");
        }
    }
    assert_eq!(shop.everything(&service).await, before);
}

async fn owner_gets_every_page(database: TestDatabase) {
    let service = Service::start(BINARY, &database.url, database.folder.path()).await;
    let shop = Tenant::new(&service, "ws_one", "stocked").await;
    let owner = Browser::of(&service, &shop.workspace, "owner");
    for route in billing_dashboard::routes().iter().filter(|route| route.is_page()) {
        let page = owner.get(&shop.ids.fill(route.path)).await;
        assert_eq!(page.location, elsewhere(route, &shop), "{}", route.path);
        assert!(page.status == 200 || page.location.is_some(), "{}: {}", route.path, page.status);
        if page.status == 200 && page.text.starts_with("<!doctype html>") {
            let policy = page.headers["content-security-policy"].to_str().unwrap();
            assert!(
                policy.contains("default-src 'none'") && policy.contains("script-src 'self'"),
                "{policy}"
            );
            assert_eq!(page.headers["cache-control"], "no-store");
            assert_eq!(page.headers["x-frame-options"], "DENY");
        }
    }
}

/// The pages that lead on while billing is on.
fn elsewhere(route: &Route, shop: &Tenant) -> Option<String> {
    match route.path {
        "/" => Some("/app".to_owned()),
        "/settings" => Some("/settings/billing".to_owned()),
        "/app/{app_id}/billing/enable" => Some(shop.ids.fill("/app/{app_id}/billing")),
        // One that is not to end, and in no trial.
        "/app/{app_id}/billing/subscriptions/{subscription_id}/resume"
        | "/app/{app_id}/billing/subscriptions/{subscription_id}/trial"
        | "/app/{app_id}/billing/subscriptions/{subscription_id}/end-trial" => {
            Some(shop.ids.fill("/app/{app_id}/billing/subscriptions/{subscription_id}"))
        }
        // One that is paid.
        "/app/{app_id}/billing/invoices/{invoice_id}/void"
        | "/app/{app_id}/billing/invoices/{invoice_id}/mark-uncollectible"
        | "/app/{app_id}/billing/invoices/{invoice_id}/send" => {
            Some(shop.ids.fill("/app/{app_id}/billing/invoices/{invoice_id}"))
        }
        _ => None,
    }
}
