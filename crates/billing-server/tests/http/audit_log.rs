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
    assert_logged(&shop, &mut known, &[("price", "archived"), ("price", "created")]).await;
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
    let admin = tokens::signed(&tokens::with(&tokens::claims(&shop.workspace, "admin"), "sub", "grace"));
    shop.service.patch_json(&shop.at(&plan), &admin, &json!({ "name": "Professional" })).await;

    let entry = shop.service.get(LOG, &shop.owner).await.json()["items"][0].clone();

    assert!(entry["id"].as_str().unwrap().starts_with("audit_"));
    assert_eq!(entry["at"].as_str().unwrap().len(), "2026-11-22T12:34:56.789Z".len());
    assert_eq!(entry["actor"], json!({ "kind": "dashboard_user", "id": "grace" }));
    assert_eq!((&entry["subject"], &entry["event"]), (&json!("plan"), &json!("changed")));
    assert_eq!((&entry["before"]["name"], &entry["after"]["name"]), (&json!("pro"), &json!("Professional")));
    assert_eq!((&entry["before"]["version"], &entry["after"]["version"]), (&json!(0), &json!(1)));
    shop.service.get(LOG, &shop.member()).await;
    // What was made was nothing before.
    let made = shop.service.get(LOG, &shop.owner).await.json()["items"][1].clone();
    assert_eq!((&made["before"], &made["after"]["amount"]["minorUnits"]), (&Value::Null, &json!(1250)));
    let other = shop.service.get(LOG, &tokens::owner("ws_other")).await;
    assert_eq!(other.json(), json!({ "items": [], "nextCursor": null }));
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
