//! The pages that show and turn the sandbox itself.

use super::{assert_page, form::Form, location};
use crate::{NEW_YEAR, client::Client, sandbox};

const DAY: i64 = 86_400;

#[track_caller]
fn assert_shows(page: &crate::client::Answer, wanted: &[&str]) {
    for text in wanted {
        assert!(page.text.contains(text), "{text} is missing in {}", page.text);
    }
}

async fn now(client: &Client) -> i64 {
    client.get("/_sandbox").await.ok()["now"].as_i64().unwrap()
}

#[tokio::test]
async fn the_home_page_shows_where_clients_go_what_is_stored_and_what_is_turned() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    assert_shows(&client.get("/").await, &[sandbox.url(), "sk_test_sandbox", "There is nothing yet"]);
    client.customer_with_card().await;
    let endpoint = client.webhook("http://127.0.0.1:9/hook", &["*"], false).await;
    client.control("faults", serde_json::json!({ "fault": "error_500", "path": "/v1/prices" })).await;
    client.control("chaos", serde_json::json!({ "duplicate": 0.25 })).await;
    let page = client.get("/").await;
    assert_page(&page, 200);
    assert_shows(
        &page,
        &["1 Jan 2026, 00:00:00 UTC", "type=customer", "customer.created", "http://127.0.0.1:9/hook"],
    );
    assert_shows(&page, &["all events", "error 500", "/v1/prices", "the next call", "25% of deliveries"]);
    assert!(!page.text.contains(endpoint["secret"].as_str().unwrap()), "the secret of an endpoint is shown");
}

#[tokio::test]
async fn the_clock_is_moved_by_a_button_or_by_seconds_and_by_a_double_click_once() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let form = Form::of(&client.get("/").await, "/clock/advance").with("by", "day");
    assert_eq!(location(&form.send(&client).await), "/");
    assert_eq!(location(&form.send(&client).await), "/");
    assert_eq!(now(&client).await, NEW_YEAR + DAY);
    let page = client.get("/").await;
    let form = Form::of(&page, "/clock/advance");
    location(&form.with("seconds", " 60 ").send(&client).await);
    assert_eq!(now(&client).await, NEW_YEAR + DAY + 60);
    for wrong in ["", "-5", "1.5", "999999999999"] {
        let again = form.with("submission", "").with("seconds", wrong).send(&client).await;
        assert_page(&again, 422);
        assert_shows(&again, &["There is a problem"]);
    }
    assert_eq!(now(&client).await, NEW_YEAR + DAY + 60);
}

/// What a browser sends back of a cookie; nothing when it was told to forget it.
fn kept_cookie(answer: &crate::client::Answer) -> Option<&str> {
    let cookie = answer.header("set-cookie").filter(|cookie| !cookie.contains("Max-Age=0"))?;
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    cookie.split(';').next()
}

#[tokio::test]
async fn what_was_done_is_told_on_the_next_page_and_not_when_that_is_loaded_again() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    client.webhook("http://127.0.0.1:9/hook", &["*"], false).await;
    client.post("/v1/customers", &[("name", "Ada")]).await.ok();
    let home = client.get("/").await;
    let event = client.events().await[0]["id"].as_str().unwrap().to_owned();
    let event = format!("/_sandbox/events/{event}");
    let resend = Form::of(&client.get(&event).await, "/resend");
    let reset = Form::of(&client.get("/_sandbox/reset").await, "/_sandbox/reset").with("submission", "");
    for (form, page, words) in [
        (Form::of(&home, "/clock/advance").with("by", "day"), "/", "The clock was moved forward."),
        (resend, &event, "Sent again."),
        (reset, "/", "Everything was deleted."),
    ] {
        let sent = form.send(&client).await;
        assert_eq!(location(&sent), page);
        let cookie = kept_cookie(&sent).unwrap();
        let told = client.with_header("cookie", cookie).get(page).await;
        assert_page(&told, 200);
        assert_shows(&told, &[words]);
        assert!(told.header("set-cookie").is_some() && kept_cookie(&told).is_none(), "it is to be forgotten");
        assert!(!client.get(page).await.text.contains(words), "{words} is told again");
    }
    let strange = client.with_header("cookie", "sandbox_done=<b>").get("/").await;
    assert!(!strange.text.contains("role=\"status\""), "{}", strange.text);
}

#[tokio::test]
async fn objects_are_listed_a_page_at_a_time_without_losing_or_repeating_one() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let mut made = Vec::new();
    for number in 0..60 {
        let key = if number % 2 == 0 { "sk_test_a" } else { "sk_test_b" };
        let form = [("email", format!("{number}@example.com"))];
        let form = [(form[0].0, form[0].1.as_str())];
        made.push(client.with_key(key).post("/v1/customers", &form).await.id());
    }
    let first = client.get("/_sandbox/objects?type=customer").await;
    assert_page(&first, 200);
    let (_, rest) = first.text.split_once("cursor=").unwrap();
    let cursor = rest.split_once('"').unwrap().0;
    let second = client.get(&format!("/_sandbox/objects?type=customer&cursor={cursor}")).await;
    let shown = |page: &str, id: &String| page.contains(&format!("/{id}\""));
    made.reverse();
    assert!(made[..50].iter().all(|id| shown(&first.text, id) && !shown(&second.text, id)));
    assert!(made[50..].iter().all(|id| !shown(&first.text, id) && shown(&second.text, id)));
    assert!(!second.text.contains("Next page"), "{}", second.text);
    assert_page(&client.get("/_sandbox/objects").await, 200);
    for type_ in ["access_key", "idempotent_answer", "submission", "%3Cscript%3E"] {
        assert_page(&client.get(&format!("/_sandbox/objects?type={type_}")).await, 404);
    }
    assert_page(&client.get("/_sandbox/objects?cursor=x").await, 400);
}

#[tokio::test]
async fn an_object_is_shown_with_its_events_and_an_event_with_its_object() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let name = "<script>alert(1)</script>";
    let id = client.post("/v1/customers", &[("name", name)]).await.id();
    let account = client.get("/v1/account").await.id();
    let path = format!("/_sandbox/objects/{account}/{id}");
    let page = client.get(&path).await;
    assert_page(&page, 200);
    assert_shows(&page, &["&#60;script&#62;alert(1)", "customer.created"]);
    assert!(!page.text.contains("<script"), "{}", page.text);
    let event = client.events().await[0]["id"].as_str().unwrap().to_owned();
    let page = client.get(&format!("/_sandbox/events/{event}")).await;
    assert_page(&page, 200);
    assert_shows(&page, &["No endpoint wanted it", &path, "&#60;script&#62;alert(1)"]);
    let unknown =
        [format!("/_sandbox/objects/acct_none/{id}"), format!("/_sandbox/objects/{account}/cus_none")];
    for path in unknown.iter().map(String::as_str).chain(["/_sandbox/events/evt_none"]) {
        assert_page(&client.get(path).await, 404);
    }
}

#[tokio::test]
async fn a_delivery_is_sent_again_and_the_browser_goes_nowhere_else() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    client.webhook("http://127.0.0.1:9/hook", &["*"], false).await;
    client.post("/v1/customers", &[("name", "Ada")]).await.ok();
    let page = client.get("/").await;
    let form = Form::of(&page, "/resend");
    assert_eq!(location(&form.send(&client).await), "/");
    assert_eq!(location(&form.with("return_to", "https://evil.example/").send(&client).await), "/");
    let deliveries = client.get("/_sandbox/deliveries").await.ok();
    assert_eq!(deliveries["deliveries"].as_array().unwrap().len(), 3);
    let event = deliveries["deliveries"][0]["event"].as_str().unwrap();
    let page = client.get(&format!("/_sandbox/events/{event}")).await;
    let back = location(&Form::of(&page, "/resend").send(&client).await);
    assert_eq!(back, format!("/_sandbox/events/{event}"));
    assert_page(&client.post("/_sandbox/deliveries/whd_none/resend", &[("return_to", "/")]).await, 404);
}

#[tokio::test]
async fn everything_is_deleted_once_it_was_asked_for_by_a_form_of_ours() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let id = client.customer_with_card().await;
    let page = client.get("/_sandbox/reset").await;
    assert_page(&page, 200);
    let form = Form::of(&page, "/_sandbox/reset").with("submission", "");
    assert_page(&form.send(&client.with_header("sec-fetch-site", "cross-site")).await, 403);
    client.get(&format!("/v1/customers/{id}")).await.ok();
    assert_eq!(location(&form.send(&client).await), "/");
    client.get(&format!("/v1/customers/{id}")).await.error(404);
}

#[tokio::test]
async fn the_addresses_that_forms_share_with_tests_go_on_speaking_json() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    assert_eq!(client.control("reset", serde_json::json!({})).await["reset"], true);
    let refused = client.attempt(reqwest::Method::POST, "/_sandbox/reset", &[]).await.unwrap();
    assert_eq!((refused.status, refused.header("content-type")), (400, Some("application/json")));
}
