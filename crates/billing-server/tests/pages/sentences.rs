//! A page and the API refuse with the same sentence: neither has one of its own.

use billing_testing::{Service, Suite, Tenant, TestDatabase};
use serde_json::{Value, json};

use crate::BINARY;
use crate::browser::Browser;

/// A form and its fields, and the same wish as a path and a body.
type Refusal = (String, Vec<(&'static str, &'static str)>, String, Value);

pub(crate) fn cases(suite: Suite) -> Suite {
    suite.on_sqlite(
        "a_page_and_the_api_refuse_with_the_same_sentence",
        a_page_and_the_api_refuse_with_the_same_sentence,
    )
}

async fn a_page_and_the_api_refuse_with_the_same_sentence(database: TestDatabase) {
    let service = Service::start(BINARY, &database.url, database.folder.path()).await;
    let shop = Tenant::new(&service, "ws_one", "pro").await;
    let owner = Browser::of(&service, &shop.workspace, "owner");
    let (app, plan) = (&shop.ids["appId"], &shop.ids["planId"]);
    let page = format!("/app/{app}/billing");
    let api = format!("/v1/dashboard/apps/{app}/billing");
    let plan_form = |key: &'static str, is_default: &'static str, trial_days: &'static str| {
        vec![
            ("name", "Other"),
            ("key", key),
            ("payer_kind", "user"),
            ("trial_days", trial_days),
            ("visibility", "public"),
            ("is_default", is_default),
        ]
    };
    let default = json!({ "key": "free", "name": "Free", "isDefault": true });
    assert_eq!(service.post_json(&format!("{api}/plans"), &shop.token, &default).await.status, 201);

    let cases: Vec<Refusal> = vec![
        (
            format!("{page}/plans/new"),
            plan_form("pro", "", "0"),
            format!("{api}/plans"),
            json!({ "key": "pro", "name": "Other" }),
        ),
        (
            format!("{page}/plans/new"),
            plan_form("other", "true", "0"),
            format!("{api}/plans"),
            json!({ "key": "other", "name": "Other", "isDefault": true }),
        ),
        (
            format!("{page}/plans/new"),
            plan_form("other", "true", "7"),
            format!("{api}/plans"),
            json!({ "key": "other", "name": "Other", "isDefault": true, "trialDays": 7 }),
        ),
        (
            format!("{page}/plans/new"),
            vec![("name", "Pro\u{200f}"), ("key", "other"), ("payer_kind", "user"), ("visibility", "public")],
            format!("{api}/plans"),
            json!({ "key": "other", "name": "Pro\u{200f}" }),
        ),
        (
            format!("{page}/plans/new"),
            vec![("name", ""), ("key", "other"), ("payer_kind", "user"), ("visibility", "public")],
            format!("{api}/plans"),
            json!({ "key": "other", "name": "" }),
        ),
        (
            format!("{page}/plans/{plan}/prices"),
            vec![("amount", "4.505"), ("currency", "KWD"), ("interval", "month")],
            format!("{api}/plans/{plan}/prices"),
            json!({ "amount": { "minorUnits": 4505, "currency": "KWD" }, "interval": "month" }),
        ),
        (
            format!("{page}/plans/{plan}/features"),
            vec![("key", "unheard_of")],
            format!("{api}/plans/{plan}/features"),
            json!({ "key": "unheard_of" }),
        ),
        (
            format!("{page}/new-feature"),
            vec![("key", "pro"), ("name", "Other")],
            format!("{api}/features"),
            json!({ "key": "pro", "name": "Other" }),
        ),
        (
            "/settings/billing/gateway".to_owned(),
            vec![("gateway", "stripe_platform")],
            "/v1/dashboard/billing/enable".to_owned(),
            json!({ "gateway": "stripe_platform" }),
        ),
    ];
    for (action, fields, path, body) in cases {
        let refused = service.post_json(&path, &shop.token, &body).await;
        assert!(refused.status.is_client_error(), "{path}: {}", refused.text);
        let sentence = refused.json()["message"].as_str().unwrap().to_owned();
        // The API names the field; the page shows the sentence there.
        let sentence = sentence.rsplit("cannot be used. ").next().unwrap().to_owned();
        let shown = owner.submit(&action, &fields).await;
        assert_eq!(shown.status, refused.status.as_u16(), "{action}: {}", shown.text);
        let sentence = sentence.replace('`', "");
        let told = shown.text.replace(['“', '”'], "");
        assert!(
            told.contains(&sentence.replace(['“', '”'], "")),
            "{action} does not say: {sentence}\n{}",
            shown.text
        );
    }
}
