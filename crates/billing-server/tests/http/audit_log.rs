use billing_testing::{Suite, TestDatabase, tokens};
use serde_json::{Value, json};

use crate::shop::{Shop, usd};
use crate::{APPS, DISABLE};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database("every_change_is_in_the_audit_log", every_change_is_in_the_audit_log)
        .on_sqlite(
            "requests_that_change_nothing_are_not_audited",
            requests_that_change_nothing_are_not_audited,
        )
        .on_every_database("audit_entry_names_actor_and_both_states", audit_entry_names_actor_and_both_states)
        .on_every_database("the_audit_log_is_read_page_by_page", the_audit_log_is_read_page_by_page)
        .on_every_database(
            "prices_and_attachments_are_audited_with_plan_and_feature",
            prices_and_attachments_are_audited_with_plan_and_feature,
        )
        .on_every_database("the_audit_log_is_filtered", the_audit_log_is_filtered)
}

const LOG: &str = "/v1/dashboard/billing/audit-log";

/// Passes when exactly these were written since there were `known` entries, newest last.
async fn assert_logged(shop: &Shop, known: &mut usize, expected: &[(&str, &str)]) {
    let mut log = shop.log().await;
    log.reverse();
    let new: Vec<_> =
        log[*known..].iter().map(|(subject, event)| (subject.as_str(), event.as_str())).collect();
    assert_eq!(new, expected);
    *known = log.len();
}

async fn every_change_is_in_the_audit_log(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let mut known = 0;
    assert_logged(&shop, &mut known, &[("billing_switch", "enabled"), ("app", "created")]).await;
    let app = format!("{APPS}/{}", shop.app);
    shop.service.patch_json(&app, &shop.owner, &json!({ "name": "Store" })).await;
    assert_logged(&shop, &mut known, &[("app", "changed")]).await;

    let plan = shop.sold_plan("pro").await;
    assert_logged(&shop, &mut known, &[("plan", "created"), ("price", "created")]).await;
    shop.patch(&plan, &json!({ "visibility": "hidden" })).await;
    assert_logged(&shop, &mut known, &[("plan", "changed")]).await;
    let price = shop.post(&format!("{plan}/prices"), &usd(1500)).await.json();
    assert_logged(&shop, &mut known, &[("price", "replaced")]).await;
    shop.delete(&format!("{plan}/prices/{}", price["id"].as_str().unwrap())).await;
    assert_logged(&shop, &mut known, &[("price", "archived")]).await;

    let features = format!("{plan}/features");
    shop.post(&features, &json!({ "key": "export", "name": "Export" })).await;
    assert_logged(&shop, &mut known, &[("feature", "created"), ("plan_feature", "attached")]).await;
    shop.post("/features", &json!({ "key": "seats", "name": "Seats" })).await;
    assert_logged(&shop, &mut known, &[("feature", "created")]).await;
    shop.post(&features, &json!({ "key": "seats" })).await;
    assert_logged(&shop, &mut known, &[("plan_feature", "attached")]).await;
    shop.delete(&format!("{features}/export")).await;
    assert_logged(&shop, &mut known, &[("plan_feature", "detached")]).await;
    shop.patch("/features/export", &json!({ "name": "Exports" })).await;
    assert_logged(&shop, &mut known, &[("feature", "changed")]).await;
    shop.delete("/features/export").await;
    assert_logged(&shop, &mut known, &[("feature", "deleted")]).await;

    shop.delete(&plan).await;
    assert_logged(&shop, &mut known, &[("plan", "archived")]).await;
    shop.service.post(DISABLE, &shop.owner).await;
    let closed = [("billing_switch", "closing_started"), ("billing_switch", "disabled")];
    assert_logged(&shop, &mut known, &closed).await;
}

async fn requests_that_change_nothing_are_not_audited(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let plan = shop.sold_plan("pro").await;
    shop.post(&format!("{plan}/features"), &json!({ "key": "export", "name": "Export" })).await;
    let before = shop.service.get(LOG, &shop.owner).await.text;

    shop.patch(&plan, &json!({ "name": "pro" })).await;
    shop.patch("/features/export", &json!({ "name": "Export" })).await;
    shop.post(&format!("{plan}/prices"), &usd(1250)).await;
    shop.post(&format!("{plan}/features"), &json!({ "key": "export" })).await;
    shop.post("/plans", &json!({ "key": "pro", "name": "Taken" })).await;
    shop.delete("/features/export").await;
    shop.patch(&plan, &json!({ "isDefault": true })).await;

    assert_eq!(shop.service.get(LOG, &shop.owner).await.text, before);
}

async fn audit_entry_names_actor_and_both_states(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let plan = shop.sold_plan("pro").await;
    let admin = tokens::with(&tokens::claims(&shop.workspace, "admin"), "sub", "grace");
    let admin = tokens::signed(&tokens::with(&admin, "name", "Grace Hopper"));
    shop.service.patch_json(&shop.at(&plan), &admin, &json!({ "name": "Professional" })).await;

    let entry = shop.service.get(LOG, &shop.owner).await.json()["items"][0].clone();

    assert!(entry["id"].as_str().unwrap().starts_with("audit_"));
    assert_eq!(entry["at"].as_str().unwrap().len(), "2026-11-22T12:34:56.789Z".len());
    assert_eq!(entry["actor"], json!({ "kind": "dashboard_user", "id": "grace", "name": "Grace Hopper" }));
    assert_eq!((&entry["subject"], &entry["event"]), (&json!("plan"), &json!("changed")));
    assert_eq!((&entry["before"]["name"], &entry["after"]["name"]), (&json!("pro"), &json!("Professional")));
    assert_eq!((&entry["before"]["version"], &entry["after"]["version"]), (&json!(0), &json!(1)));
    shop.service.get(LOG, &shop.member()).await;
    // What was made was nothing before, by somebody whose token had no name.
    let made = shop.service.get(LOG, &shop.owner).await.json()["items"][1].clone();
    assert_eq!(made["actor"].as_object().unwrap().keys().collect::<Vec<_>>(), ["id", "kind"]);
    assert_eq!((&made["before"], &made["after"]["amount"]["minorUnits"]), (&Value::Null, &json!(1250)));
    let other = shop.service.get(LOG, &tokens::owner("ws_other")).await;
    assert_eq!(other.json(), json!({ "items": [], "nextCursor": null }));
}

async fn prices_and_attachments_are_audited_with_plan_and_feature(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let plan = shop.sold_plan("pro").await;
    shop.patch(&plan, &json!({ "name": "Pro" })).await;
    shop.post(&format!("{plan}/prices"), &usd(1500)).await;
    shop.post(&format!("{plan}/features"), &json!({ "key": "export", "name": "Export" })).await;

    let log = shop.service.get(&format!("{LOG}?limit=3"), &shop.owner).await.json();

    let [attached, _, replaced] = log["items"].as_array().unwrap().clone().try_into().unwrap();
    assert_eq!((&replaced["subject"], &replaced["event"]), (&json!("price"), &json!("replaced")));
    assert_eq!(replaced["appId"], json!(shop.app));
    for (state, cents) in [("before", 1250), ("after", 1500)] {
        let state = &replaced[state];
        assert_eq!(state["amount"], json!({ "minorUnits": cents, "currency": "USD" }));
        assert_eq!((&state["planKey"], &state["planName"]), (&json!("pro"), &json!("Pro")));
        assert_eq!((&state["appId"], &state["archivedAt"]), (&json!(shop.app), &Value::Null));
    }
    assert_eq!((&attached["event"], &attached["appId"]), (&json!("attached"), &json!(shop.app)));
    let attachment = json!({
        "appId": shop.app, "planId": plan.trim_start_matches("/plans/"), "planKey": "pro", "planName": "Pro",
        "featureKey": "export", "featureName": "Export",
    });
    assert_eq!(attached["after"], attachment);
}

async fn the_audit_log_is_filtered(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let plan = shop.sold_plan("pro").await;
    let grace = tokens::signed(&tokens::with(&tokens::claims(&shop.workspace, "admin"), "sub", "grace"));
    shop.service.patch_json(&shop.at(&plan), &grace, &json!({ "name": "Professional" })).await;
    shop.service.post_json(APPS, &grace, &json!({ "name": "Other" })).await;
    let found = async |query: &str| {
        let log = shop.service.get(&format!("{LOG}?{query}"), &shop.owner).await.json();
        let items = log["items"].as_array().unwrap().clone();
        let words = |item: &Value| format!("{} {}", item["subject"], item["event"]).replace('"', "");
        (items.iter().map(words).collect::<Vec<_>>(), log["nextCursor"].as_str().map(str::to_owned))
    };
    let of_app = format!("appId={}", shop.app);

    assert_eq!(found(&of_app).await.0, ["plan changed", "price created", "plan created", "app created"]);
    assert_eq!(found("actorId=grace").await.0, ["app created", "plan changed"]);
    assert_eq!(found(&format!("{of_app}&actorId=grace")).await.0, ["plan changed"]);
    let (first, cursor) = found(&format!("{of_app}&limit=3")).await;
    assert_eq!(first, ["plan changed", "price created", "plan created"]);
    assert_eq!(
        found(&format!("{of_app}&cursor={}", cursor.unwrap())).await,
        (vec!["app created".to_owned()], None)
    );
    for nothing in ["appId=app_unknown", "actorId=nobody"] {
        assert_eq!(found(nothing).await, (vec![], None), "{nothing}");
    }
    for parameter in ["appId", "actorId"] {
        for value in ["", "not%20an%20id", "%00"] {
            let refused = shop.service.get(&format!("{LOG}?{parameter}={value}"), &shop.owner).await;
            assert_eq!(refused.refusal(), (400, "invalid_request".to_owned()));
            assert_eq!(refused.json()["details"], json!({ "parameter": parameter }));
        }
    }
}

async fn the_audit_log_is_read_page_by_page(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    for number in 0..8 {
        shop.sold_plan(&format!("plan_{number}")).await;
    }
    let all = shop.service.get(&format!("{LOG}?limit=100"), &shop.owner).await.json();
    assert_eq!(all["items"].as_array().unwrap().len(), 18);
    let mut paged = Vec::new();
    let mut path = format!("{LOG}?limit=8");
    loop {
        let page = shop.service.get(&path, &shop.owner).await.json();
        paged.extend(page["items"].as_array().unwrap().clone());
        let Some(cursor) = page["nextCursor"].as_str() else { break };
        path = format!("{LOG}?limit=8&cursor={cursor}");
    }
    assert_eq!(json!(paged), all["items"]);
}
