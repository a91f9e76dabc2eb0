use billing_testing::{Service, Suite, TestDatabase, tokens};

use crate::BINARY;
use crate::browser::Browser;

pub(crate) fn cases(suite: Suite) -> Suite {
    suite.on_sqlite(
        "the_audit_log_shows_the_name_of_the_time_and_the_id",
        the_audit_log_shows_the_name_of_the_time_and_the_id,
    )
}

async fn the_audit_log_shows_the_name_of_the_time_and_the_id(database: TestDatabase) {
    let service = Service::start(BINARY, &database.url, database.folder.path()).await;
    let browser = Browser::of(&service, "ws_one", "owner");
    let claims = tokens::claims("ws_one", "owner");
    let id = claims["sub"].as_str().unwrap();
    for (app, name) in [("Nameless", None), ("First", Some("Ada Yılmaz")), ("Second", Some("<b>Ada</b>"))] {
        let named = name.map_or_else(|| claims.clone(), |name| tokens::with(&claims, "name", name));
        browser.set_cookie("kl_dashboard", &tokens::signed(&named));
        let created = browser.submit("/app/new", &[("name", app)]).await;
        assert_eq!(created.status, 303, "{}", created.text);
    }

    let log = browser.get("/settings/audit-log").await;

    let id = format!("<span class=\"id\">{id}</span>");
    for (app, who) in [
        ("Nameless", format!("<p class=\"hint\"> {id} · Nameless</p>")),
        ("First", format!("<p class=\"hint\">Ada Yılmaz {id} · First</p>")),
        ("Second", format!("<p class=\"hint\">&#60;b&#62;Ada&#60;/b&#62; {id} · Second</p>")),
    ] {
        assert!(log.shows(&who), "{app}: {}", log.text);
    }
}
