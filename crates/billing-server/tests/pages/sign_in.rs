use billing_testing::{Service, Suite, TestDatabase, tokens};
use reqwest::Method;

use crate::BINARY;
use crate::browser::Browser;

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_sqlite("one_click_signs_in_and_leads_back", one_click_signs_in_and_leads_back)
        .on_sqlite("signing_in_never_leads_to_another_site", signing_in_never_leads_to_another_site)
        .on_sqlite("expired_session_keeps_what_was_typed", expired_session_keeps_what_was_typed)
        .on_sqlite("invalid_token_leads_to_sign_in", invalid_token_leads_to_sign_in)
        .on_sqlite("production_has_no_sign_in_button", production_has_no_sign_in_button)
        .on_sqlite(
            "cookies_go_by_https_only_where_there_is_https",
            cookies_go_by_https_only_where_there_is_https,
        )
}

async fn one_click_signs_in_and_leads_back(database: TestDatabase) {
    let service = Service::start(BINARY, &database.url, database.folder.path()).await;
    for (role, may_change) in [("owner", true), ("member", false)] {
        let browser = Browser::new(&service);
        let asked = browser.get("/app/app_demo/billing?cursor=x").await;
        let sign_in = asked.location.unwrap();
        assert_eq!(sign_in, "/sign-in?returnTo=%2Fapp%2Fapp_demo%2Fbilling%3Fcursor%3Dx");
        let return_to = browser.get(&sign_in).await.hidden("returnTo").unwrap().to_owned();

        let signed_in = browser.submit("/sign-in", &[("as", role), ("returnTo", &return_to)]).await;

        assert_eq!(signed_in.location.as_deref(), Some("/app/app_demo/billing?cursor=x"));
        let cookie = signed_in.headers.get_all("set-cookie").iter();
        let cookie =
            cookie.map(|value| value.to_str().unwrap()).find(|value| value.starts_with("kl_dashboard="));
        assert!(cookie.unwrap().contains("HttpOnly; SameSite=Lax; Path=/"), "{cookie:?}");
        let billing = browser.get("/app/app_demo/billing").await;
        assert_eq!(billing.shows("href=\"/app/app_demo/billing/enable\""), may_change);

        let signed_out = browser.submit("/sign-out", &[]).await;
        assert_eq!(signed_out.location.as_deref(), Some("/sign-in"));
        assert_eq!(browser.cookie("kl_dashboard"), None);
        assert!(browser.get("/app").await.location.unwrap().starts_with("/sign-in"));
    }
}

async fn signing_in_never_leads_to_another_site(database: TestDatabase) {
    let service = Service::start(BINARY, &database.url, database.folder.path()).await;
    let browser = Browser::new(&service);
    for elsewhere in ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", ""]
    {
        let fields = [("as", "owner"), ("returnTo", elsewhere)];
        assert_eq!(
            browser.submit("/sign-in", &fields).await.location.as_deref(),
            Some("/app"),
            "{elsewhere}"
        );
    }
    let nobody = browser.submit("/sign-in", &[("as", "admin of everything")]).await;
    assert_eq!(nobody.status, 400);
}

async fn expired_session_keeps_what_was_typed(database: TestDatabase) {
    let service = Service::start(BINARY, &database.url, database.folder.path()).await;
    let browser = Browser::new(&service);
    let claims = tokens::claims("ws_demo", "owner");
    let expired = tokens::signed(&tokens::with(&claims, "exp", tokens::unix_now() - 60));
    browser.set_cookie("kl_dashboard", &expired);

    let asked = browser.get("/app").await;
    assert_eq!(asked.location.as_deref(), Some("/sign-in?returnTo=%2Fapp&expired=true"));
    assert!(browser.get("/sign-in?returnTo=%2Fapp&expired=true").await.shows("Your session has expired."));

    let typed = "Ünïcode & \"quotes\" <b>";
    let sent = browser.submit("/app/new", &[("name", typed), ("origins", "")]).await;
    assert_eq!(sent.status, 401);
    assert!(sent.shows("Ünïcode &#38; &#34;quotes&#34; &#60;b&#62;"), "{}", sent.text);
    browser.sign_in("ws_demo", "owner");
    let again = browser.submit("/app/new", &[("name", typed), ("origins", "")]).await;
    assert_eq!(again.status, 303);
}

async fn invalid_token_leads_to_sign_in(database: TestDatabase) {
    let service = Service::start(BINARY, &database.url, database.folder.path()).await;
    let claims = tokens::claims("ws_demo", "owner");
    for token in [
        "nonsense".to_owned(),
        tokens::signed(&tokens::with(&claims, "aud", "session")),
        tokens::signed(&tokens::with(&claims, "iss", "somebody")),
        tokens::signed(&tokens::without(&claims, "role")),
    ] {
        let browser = Browser::new(&service);
        browser.set_cookie("kl_dashboard", &token);
        assert_eq!(browser.get("/app").await.location.as_deref(), Some("/sign-in?returnTo=%2Fapp"));
    }
}

async fn in_production(database: &TestDatabase, more: &[(&'static str, &'static str)]) -> Service {
    let mut variables = vec![
        ("KL_ENV", "production"),
        ("KL_DASHBOARD_JWT_SECRET", tokens::SECRET),
        ("KL_PUBLIC_BASE_URL", "https://billing.example"),
    ];
    variables.extend(more);
    Service::start_with(BINARY, &database.url, database.folder.path(), &variables).await
}

async fn production_has_no_sign_in_button(database: TestDatabase) {
    let service = in_production(&database, &[]).await;
    let page = Browser::new(&service).get("/sign-in").await;
    assert!(!page.shows("demo") && !page.shows("method=\"post\""), "{}", page.text);
    assert!(page.shows("Sign in to KolayLogin, then come back to this page."));
    drop(service);

    let address =
        [("KL_DASHBOARD_SIGN_IN_URL", "https://id.example/in"), ("KL_DASHBOARD_COOKIE", "session_of_us")];
    let service = in_production(&database, &address).await;
    let browser = Browser::new(&service);
    let page = browser.get("/sign-in?returnTo=/app").await;
    assert!(page.shows("https://id.example/in?returnTo=%2Fapp"), "{}", page.text);
    let forged = browser.request(Method::POST, "/sign-in").form(&[("as", "owner")]);
    assert_eq!(browser.send(forged).await.status, 403);
    browser.set_cookie("session_of_us", &tokens::owner("ws_real"));
    let apps = browser.get("/app").await;
    assert_eq!(apps.status, 200);
    assert!(!apps.shows("Sign out"), "the session is the platform's to end");
    assert_eq!(browser.submit("/sign-out", &[]).await.status, 404);
}

async fn cookies_go_by_https_only_where_there_is_https(database: TestDatabase) {
    let service = in_production(&database, &[]).await;
    let page = Browser::new(&service).get("/sign-in").await;
    let cookie = page.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("__Host-kl_billing_csrf="), "{cookie}");
    assert!(
        cookie.contains("Secure") && cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"),
        "{cookie}"
    );
}
