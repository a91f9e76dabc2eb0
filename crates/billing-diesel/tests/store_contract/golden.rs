//! Databases of earlier releases, which every later one reads.

use billing_domain::ports::{AuditFilter, Edge};
use billing_domain::{AppId, FeatureKey, FromStored, WorkspaceId};
use billing_testing::{Suite, TestDatabase};
use serde_json::{Value, json};

use crate::migrations::at_the_catalog_release;
use crate::raw;
use crate::story::{apps_of, migrated, plans_of, plans_that};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database("rows_of_the_catalog_release_are_read", rows_of_the_catalog_release_are_read)
        .on_every_database(
            "rows_that_break_the_rules_for_new_input_are_read",
            rows_that_break_the_rules_for_new_input_are_read,
        )
}

async fn golden(database: &TestDatabase) -> std::sync::Arc<dyn billing_domain::ports::BillingStore> {
    at_the_catalog_release(database).await;
    let rows = if database.url.starts_with("sqlite") {
        include_str!("golden/sqlite.sql")
    } else {
        include_str!("golden/postgres.sql")
    };
    raw::execute(&database.url, rows).await;
    migrated(database).await
}

async fn rows_of_the_catalog_release_are_read(database: TestDatabase) {
    let store = golden(&database).await;
    let workspace = WorkspaceId::parse("ws_golden").unwrap();

    let log = store
        .audit_log()
        .audit_records(&workspace, &AuditFilter::default(), Edge::Newest, 100)
        .await
        .unwrap()
        .unwrap()
        .items;
    assert!(log.is_sorted_by(|newer, older| newer.id > older.id));
    assert_eq!(log.len(), 25);
    let words = |record: &billing_domain::AuditRecord| format!("{} {}", record.subject, record.event);
    let mut seen: Vec<_> = log.iter().map(words).collect();
    seen.sort();
    seen.dedup();
    assert_eq!(
        seen,
        [
            "app changed",
            "app created",
            "billing_switch closing_started",
            "billing_switch disabled",
            "billing_switch enabled",
            "billing_switch gateway_switched",
            "feature changed",
            "feature created",
            "feature deleted",
            "plan archived",
            "plan changed",
            "plan created",
            "plan_feature attached",
            "plan_feature detached",
            "price archived",
            "price created",
        ]
    );
    let times = log.iter().flat_map(|record| [&record.before, &record.after]).flat_map(|state| {
        ["since", "closingSince", "archivedAt", "createdAt"]
            .into_iter()
            .filter_map(|name| state.get(name)?.as_str())
    });
    for time in times {
        assert_eq!(time.len(), "2026-11-22T12:34:56.789Z".len(), "{time}");
    }

    let [app] = apps_of(&store, &workspace).await.try_into().unwrap();
    assert_eq!((app.details.name.as_str(), app.environments.len()), ("Corner shop", 2));
    for record in &log {
        let of_app = (record.subject != "billing_switch").then_some(app.id.as_str());
        assert_eq!(record.app_id.as_deref(), of_app, "{record:?}");
    }
    let sold = plans_of(&store, &workspace, &app.id).await;
    let keys: Vec<_> = sold.iter().map(|offer| offer.plan.key.as_str()).collect();
    assert_eq!(keys, ["free", "pro"]);
    assert_eq!((sold[1].prices.len(), sold[1].features.len()), (3, 1));
    let archived =
        store.plans().plans(&workspace, &app.id, &plans_that(true), Edge::Newest, 10).await.unwrap().items;
    assert_eq!(archived[0].plan.details.name.as_str(), "Team 東京");
}

async fn rows_that_break_the_rules_for_new_input_are_read(database: TestDatabase) {
    let store = golden(&database).await;
    let workspace = WorkspaceId::from_stored("ws of old!".to_owned()).unwrap();
    let app = AppId::from_stored("app of old!".to_owned()).unwrap();

    let read = store.apps().app(&workspace, &app).await.unwrap().unwrap();
    assert_eq!(read.details.name.as_str().len(), 300);
    assert_eq!(read.details.allowed_redirect_origins[0].as_str(), "ftp://old.example/path");
    assert_eq!(read.environments[0].id.as_str(), "env of old!");

    let [offer] = plans_of(&store, &workspace, &app).await.try_into().unwrap();
    assert_eq!(offer.plan.key.as_str(), "Pro Plan 2024!");
    assert_eq!((offer.plan.details.name.as_str(), offer.plan.details.trial_days.days()), ("", 9_999));
    assert_eq!(offer.prices[0].terms.amount().minor_units(), 9_999_999_999_999_999);
    let key = FeatureKey::from_stored("Export!".to_owned()).unwrap();
    assert_eq!(offer.features[0].key, key);
    assert!(store.features().feature(&workspace, &app, &key).await.unwrap().is_some());

    let [foretold, created] = store
        .audit_log()
        .audit_records(&workspace, &AuditFilter::default(), Edge::Newest, 10)
        .await
        .unwrap()
        .unwrap()
        .items
        .try_into()
        .unwrap();
    assert_eq!((foretold.actor_kind.as_str(), foretold.actor_id), ("oracle", None));
    assert_eq!((foretold.subject.as_str(), foretold.before), ("horoscope", json!([1])));
    assert_eq!((created.actor_id.as_deref(), created.before), (Some("ada lovelace"), Value::Null));
    assert_eq!(created.after["key"], "Pro Plan 2024!");
    assert_eq!((foretold.app_id, created.app_id), (None, None));
    assert_eq!(created.after["createdAt"], "2024-02-29T23:59:59.999Z");
}
