//! Revenue, and work that was set aside.

use billing_domain::ports::BillingStore;
use billing_domain::{WorkId, WorkKind, WorkspaceId};
use billing_testing::builders::moment;
use billing_testing::{Suite, TestDatabase, tokens};
use serde_json::{Value, json};

use crate::shop::{Shop, assert_names_field};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database("overview_shows_what_was_sold", overview_shows_what_was_sold)
        .on_sqlite("overview_is_of_one_environment_of_the_app", overview_is_of_one_environment_of_the_app)
        .on_sqlite("owner_tries_work_again_that_was_set_aside", owner_tries_work_again)
}

fn usd(cents: i64) -> Value {
    json!({ "minorUnits": cents, "currency": "USD" })
}

async fn overview_shows_what_was_sold(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let empty = shop.get("/overview").await.json();
    assert_eq!(empty["currencies"], json!([]));
    assert_eq!(empty["subscriptions"]["active"], 0);

    shop.sold_plan("pro").await;
    let first = shop.sold("ada", "pro").await;
    shop.sold("ben", "pro").await;
    let overview = shop.get("/overview").await.json();
    let usd_revenue = &overview["currencies"][0];
    assert_eq!(usd_revenue["monthlyRecurringRevenue"], usd(2_500));
    assert_eq!(usd_revenue["growthPermille"], Value::Null);
    let months = usd_revenue["months"].as_array().unwrap();
    assert_eq!(months.len(), 12);
    assert_eq!((&months[11]["new"], &months[11]["churned"]), (&json!(2), &json!(0)));
    assert_eq!(months[10]["monthlyRecurringRevenue"], usd(0));

    assert_eq!(shop.cancel(&first, false).await.status, 200);
    let overview = shop.get("/overview").await.json();
    assert_eq!(overview["currencies"][0]["monthlyRecurringRevenue"], usd(1_250));
    let counts = json!({
        "active": 1, "trialing": 0, "pastDue": 0, "ending": 0, "newThisMonth": 2, "churnedThisMonth": 1,
    });
    assert_eq!(overview["subscriptions"], counts);
}

async fn overview_is_of_one_environment_of_the_app(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    shop.sold_plan("pro").await;
    shop.sold("ada", "pro").await;
    let app = shop.service.get(&format!("{}/{}", crate::APPS, shop.app), &shop.owner).await.json();
    let id_of = |kind: &str| {
        let all = app["environments"].as_array().unwrap();
        all.iter().find(|it| it["kind"] == kind).unwrap()["id"].as_str().unwrap().to_owned()
    };
    let overview = shop.get("/overview").await.json();
    assert_eq!(overview["environmentId"], id_of("development"), "nothing was sold in production");
    let production = shop.get(&format!("/overview?environment={}", id_of("production"))).await.json();
    assert_eq!((&production["currencies"], &production["subscriptions"]["active"]), (&json!([]), &json!(0)));
    let elsewhere = shop.get("/overview?environment=env_of_somebody").await;
    assert_eq!(elsewhere.refusal(), (404, "not_found".to_owned()));
    assert_eq!(shop.get("/overview?month=2026-12").await.status, 400);
}

async fn owner_tries_work_again(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let store = billing_diesel::open(&database.url.parse().unwrap()).unwrap();
    let (key, of_other) = ("acct_gone/sub_1", "acct_gone/sub_2");
    for (workspace, key) in [(shop.workspace.as_str(), key), ("ws_other", key), ("ws_other", of_other)] {
        let id = WorkId {
            workspace_id: WorkspaceId::parse(workspace).unwrap(),
            kind: WorkKind::FollowPlan,
            key: key.to_owned(),
        };
        set_aside(store.as_ref(), &id).await;
    }
    let (work, other) = ("/v1/dashboard/billing/work", tokens::owner("ws_other"));
    let listed = shop.service.get(work, &shop.owner).await;
    assert_eq!(listed.json()["total"], 1);
    let row = &listed.json()["items"][0];
    assert_eq!((&row["kind"], &row["key"]), (&json!("follow_plan"), &json!(key)));
    assert_eq!(row["reason"], "gateway_refused");
    assert!(!listed.text.contains("sk_test"), "{}", listed.text);
    let of_others = shop.service.get(work, &other).await.text;

    let (replay, member) = (format!("{work}/replay"), shop.member());
    let this = json!({ "kind": "follow_plan", "key": key });
    assert_eq!(shop.service.get(work, &member).await.status, 403);
    assert_eq!(shop.service.post_json(&replay, &member, &this).await.status, 403);
    let not_ours = json!({ "kind": "follow_plan", "key": of_other });
    let refused = shop.service.post_json(&replay, &shop.owner, &not_ours).await;
    assert_eq!(refused.json()["replayed"], false, "{}", refused.text);
    assert_eq!(shop.service.get(work, &shop.owner).await.text, listed.text);

    assert_eq!(shop.service.post_json(&replay, &shop.owner, &this).await.json()["replayed"], true);
    assert_eq!(shop.service.post_json(&replay, &shop.owner, &this).await.json()["replayed"], false);
    assert_eq!(shop.service.get(work, &other).await.text, of_others, "its own rows are as they were");
    let unknown = json!({ "kind": "no_such_kind", "key": key });
    assert_names_field(&shop.service.post_json(&replay, &shop.owner, &unknown).await, "kind");
    let log = shop.service.get("/v1/dashboard/billing/audit-log", &shop.owner).await;
    assert_eq!(log.json()["items"][0]["event"], "tried_again", "{}", log.text);
}

/// Sets a row of work aside, which Stripe has refused with the end of a key.
async fn set_aside(store: &dyn BillingStore, id: &WorkId) {
    let mut unit = store.begin(&id.workspace_id).await.unwrap();
    unit.switches().lock_workspace(&id.workspace_id).await.unwrap();
    let (rows, at) = (unit.work(), moment());
    rows.schedule(id, at).await.unwrap();
    let claim = rows.claim(id, "lease", at, at, at).await.unwrap().unwrap();
    let reason = "the payment gateway refused: Invalid API Key provided: sk_test_***1234";
    rows.set_aside(&claim, at, reason).await.unwrap();
    unit.commit().await.unwrap();
}
