//! Catalogs that are answered from memory: as SQL would, and never older than the database.

use std::sync::Arc;

use billing_diesel::Catalogs;
use billing_domain::ports::{
    BillingStore, Counted, Edge, FeatureFilter, Part, PlanFilter, SCANNED, SearchText, StoreError,
};
use billing_domain::{
    DisplayName, Feature, FeatureDetails, PayerKind, Plan, PlanDetails, PlanId, PlanOffer, Price, Version,
};
use billing_testing::builders::{app_id, feature, moment, plan, price, workspace_id};
use billing_testing::{Suite, TestDatabase};

use crate::raw;
use crate::story::{add_feature, add_plan, add_price, attach, features_of, locked, transact, url, with_app};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database("memory_and_sql_give_the_same_plans", memory_and_sql_give_the_same_plans)
        .on_every_database("memory_and_sql_give_the_same_features", memory_and_sql_give_the_same_features)
        .on_every_database("memory_and_sql_look_at_the_same_plans", memory_and_sql_look_at_the_same_plans)
        .on_every_database(
            "every_change_of_a_catalog_is_seen_at_once",
            every_change_of_a_catalog_is_seen_at_once,
        )
        .on_every_database(
            "a_change_that_is_rolled_back_is_not_seen",
            a_change_that_is_rolled_back_is_not_seen,
        )
        .on_every_database("stores_of_a_process_share_catalogs", stores_of_a_process_share_catalogs)
        .on_every_database("a_corrupt_plan_fails_its_own_list_only", a_corrupt_plan_fails_its_own_list_only)
}

/// Another process.
fn replica(database: &TestDatabase) -> Arc<dyn BillingStore> {
    billing_diesel::open(&url(database)).unwrap()
}

/// A process that holds nothing in memory.
fn without_memory(database: &TestDatabase) -> Arc<dyn BillingStore> {
    billing_diesel::open_sharing(&url(database), &Catalogs::within(0)).unwrap()
}

async fn part(store: &Arc<dyn BillingStore>, filter: &PlanFilter, edge: Edge<PlanId>) -> Part<PlanOffer> {
    store.plans().plans(&workspace_id(), &app_id(), filter, edge, 3).await.unwrap()
}

/// Asks until the catalog is in memory.
async fn remember(store: &Arc<dyn BillingStore>) {
    let all = PlanFilter::default();
    part(store, &all, Edge::Newest).await;
    assert!(is_from_memory(&part(store, &all, Edge::Newest).await));
}

/// SQL counts with a statement of its own.
fn is_from_memory<T>(part: &Part<T>) -> bool {
    part.counted.is_some()
}

fn named(number: u32) -> DisplayName {
    let names = ["Pro", "pro é", "PRO É", "100 %", "a_b", r"a\b", "Team plan", "%", "東京 Pro", "x"];
    DisplayName::parse(names[number as usize * 7 % names.len()]).unwrap()
}

fn searches() -> impl Iterator<Item = Option<SearchText>> + Clone {
    ["", "pRo", "É", "é", "%", "_", r"\", "plan_1", "n_", "0 %", "Pro\0plan", "nothing"]
        .into_iter()
        .map(SearchText::new)
}

/// Plans of every kind, with prices and features.
async fn fill(store: &Arc<dyn BillingStore>, number: u32) {
    for number in 0..number {
        let details = FeatureDetails { name: named(number), description: None };
        add_feature(store, &Feature { details, ..feature(number) }).await;
        let plan = Plan {
            details: PlanDetails::named(named(number)),
            payer_kind: if number % 3 == 0 { PayerKind::Organization } else { PayerKind::User },
            archived_at: (number % 4 == 1).then(moment),
            ..plan(number)
        };
        add_plan(store, &plan).await;
        add_price(store, &plan, &price(number, &plan)).await;
        for number in (0..number).step_by(5) {
            attach(store, &plan, &feature(number)).await;
        }
    }
}

fn edges<K: Copy>(ids: impl Iterator<Item = K>) -> impl Iterator<Item = Edge<K>> {
    let from = ids.flat_map(|id| [Edge::OlderThan(id), Edge::NewerThan(id)]);
    std::iter::once(Edge::Newest).chain(from)
}

async fn assert_same_plans(
    [in_memory, in_sql]: [&Arc<dyn BillingStore>; 2],
    filter: &PlanFilter,
    edge: Edge<PlanId>,
) -> Counted {
    let (from_memory, from_sql) = (part(in_memory, filter, edge).await, part(in_sql, filter, edge).await);
    assert!(is_from_memory(&from_memory) && !is_from_memory(&from_sql));
    assert_eq!(from_memory.items, from_sql.items, "{filter:?} {edge:?}");
    assert_eq!(from_memory.is_cut, from_sql.is_cut, "{filter:?} {edge:?}");
    let than = from_sql.items.first().map(|offer| offer.plan.id);
    let counted = in_sql.plans().count_plans(&workspace_id(), &app_id(), filter, than).await.unwrap();
    assert_eq!(from_memory.counted, Some(counted), "{filter:?} {edge:?}");
    counted
}

async fn memory_and_sql_give_the_same_plans(database: TestDatabase) {
    let (store, sql) = (with_app(&database).await, without_memory(&database));
    fill(&store, 24).await;
    remember(&store).await;

    for archived in [false, true] {
        for payer_kind in [None, Some(PayerKind::User), Some(PayerKind::Organization)] {
            for search in searches() {
                let filter = PlanFilter { archived, search, payer_kind };
                for edge in edges([0, 5, 8, 9, 23, 99].map(|number| plan(number).id).into_iter()) {
                    assert_same_plans([&store, &sql], &filter, edge).await;
                }
            }
        }
    }
    for number in [0, 1, 23, 99] {
        let (workspace, app, id) = (workspace_id(), app_id(), plan(number).id);
        let read = store.plans().plan(&workspace, &app, id).await.unwrap();
        assert_eq!(read, sql.plans().plan(&workspace, &app, id).await.unwrap());
    }
}

async fn memory_and_sql_give_the_same_features(database: TestDatabase) {
    let (store, sql) = (with_app(&database).await, without_memory(&database));
    fill(&store, 12).await;
    remember(&store).await;

    let (workspace, app) = (workspace_id(), app_id());
    for search in searches() {
        let filter = FeatureFilter { search };
        for edge in edges([0, 5, 11, 99].map(|number| feature(number).id).into_iter()) {
            let read = async |store: &Arc<dyn BillingStore>| {
                store.features().features(&workspace, &app, &filter, edge, 3).await.unwrap()
            };
            let (from_memory, from_sql) = (read(&store).await, read(&sql).await);
            assert!(is_from_memory(&from_memory) && !is_from_memory(&from_sql));
            assert_eq!(from_memory.items, from_sql.items, "{filter:?} {edge:?}");
            assert_eq!(from_memory.is_cut, from_sql.is_cut, "{filter:?} {edge:?}");
            let than = from_sql.items.first().map(|feature| feature.id);
            let counted = sql.features().count_features(&workspace, &app, &filter, than).await.unwrap();
            assert_eq!(from_memory.counted, Some(counted), "{filter:?} {edge:?}");
        }
    }
}

/// The newest of more plans than a filter looks at, and than are counted.
async fn memory_and_sql_look_at_the_same_plans(database: TestDatabase) {
    let (store, sql) = (with_app(&database).await, without_memory(&database));
    let number = SCANNED + 3;
    for first in (0..number).step_by(1_000) {
        let row = |number| {
            let id = plan(number).id;
            format!(
                "('ws_test', '{id}', 'app_test', 'plan_{number}', 'user', 'Plan {number}', 0, 'public', FALSE, 0, '2026-11-22 12:34:56.789012+00:00')"
            )
        };
        let rows: Vec<_> = (first..number.min(first + 1_000)).map(row).collect();
        let columns = "workspace_id, plan_id, app_id, plan_key, payer_kind, name, trial_days, visibility, is_default, version, created_at";
        raw::execute(&database.url, &format!("INSERT INTO plans ({columns}) VALUES {}", rows.join(", ")))
            .await;
    }
    remember(&store).await;

    let of_users = PlanFilter { payer_kind: Some(PayerKind::User), ..PlanFilter::default() };
    let looking_for = |text| PlanFilter { search: SearchText::new(text), ..PlanFilter::default() };
    for filter in
        [PlanFilter::default(), of_users, looking_for("plan 9"), looking_for("plan_2"), looking_for("10002")]
    {
        let ids = [0, 2, 3, 500, Counted::BOUND, SCANNED - 999, SCANNED - 998, SCANNED + 2];
        for edge in edges(ids.map(|number| plan(number).id).into_iter()) {
            let counted = assert_same_plans([&store, &sql], &filter, edge).await;
            assert!(!counted.is_exact);
        }
    }
}

/// By both processes, whatever they held before.
async fn assert_seen(replicas: &[Arc<dyn BillingStore>; 2], sql: &Arc<dyn BillingStore>, change: &str) {
    let (workspace, app) = (workspace_id(), app_id());
    for store in replicas {
        for archived in [false, true] {
            let filter = PlanFilter { archived, ..PlanFilter::default() };
            let (seen, expected) =
                (part(store, &filter, Edge::Newest).await, part(sql, &filter, Edge::Newest).await);
            assert_eq!(seen.items, expected.items, "{change}");
        }
        assert_eq!(
            features_of(store, &workspace, &app).await,
            features_of(sql, &workspace, &app).await,
            "{change}"
        );
        remember(store).await;
    }
}

async fn every_change_of_a_catalog_is_seen_at_once(database: TestDatabase) {
    let (store, sql) = (with_app(&database).await, without_memory(&database));
    add_feature(&store, &feature(1)).await;
    add_plan(&store, &plan(1)).await;
    let replicas = [store, replica(&database)];
    for store in &replicas {
        remember(store).await;
    }
    let ours = &replicas[0];
    let renamed = Plan { details: PlanDetails::named(named(3)), version: Version::NEW.next(), ..plan(1) };
    let archived = Price { archived_at: Some(moment()), ..price(1, &plan(1)) };
    let details = FeatureDetails { name: named(3), description: None };
    let renamed_feature = Feature { details, version: Version::NEW.next(), ..feature(1) };
    let (workspace, sold, detached) = (workspace_id(), plan(1), feature(2));

    add_plan(ours, &plan(2)).await;
    assert_seen(&replicas, &sql, "insert_plan").await;
    transact(ours, |work| work.plans().save_plan(&renamed, Version::NEW)).await.unwrap();
    assert_seen(&replicas, &sql, "save_plan").await;
    add_price(ours, &plan(1), &price(1, &plan(1))).await;
    assert_seen(&replicas, &sql, "insert_price").await;
    transact(ours, |work| work.plans().save_price(&workspace, &archived)).await.unwrap();
    assert_seen(&replicas, &sql, "save_price").await;
    add_feature(ours, &feature(2)).await;
    assert_seen(&replicas, &sql, "insert_feature").await;
    transact(ours, |work| work.features().save_feature(&renamed_feature, Version::NEW)).await.unwrap();
    assert_seen(&replicas, &sql, "save_feature").await;
    attach(ours, &sold, &detached).await;
    assert_seen(&replicas, &sql, "attach_feature").await;
    transact(ours, |work| work.plans().detach_feature(&sold, &detached)).await.unwrap();
    assert_seen(&replicas, &sql, "detach_feature").await;
    transact(ours, |work| work.features().delete_feature(&detached)).await.unwrap();
    assert_seen(&replicas, &sql, "delete_feature").await;
}

async fn a_change_that_is_rolled_back_is_not_seen(database: TestDatabase) {
    let store = with_app(&database).await;
    add_plan(&store, &plan(1)).await;
    remember(&store).await;
    let all = PlanFilter::default();
    let before = part(&store, &all, Edge::Newest).await;

    let mut work = locked(&store).await;
    work.plans().insert_plan(&plan(2)).await.unwrap();
    assert_eq!(part(&store, &all, Edge::Newest).await, before);
    work.rollback().await.unwrap();

    let after = part(&store, &all, Edge::Newest).await;
    assert_eq!(after, before);
    assert!(is_from_memory(&after));
}

async fn stores_of_a_process_share_catalogs(database: TestDatabase) {
    let app = with_app(&database).await;
    add_plan(&app, &plan(1)).await;
    let catalogs = Catalogs::default();
    let [first, second] = [(); 2].map(|()| billing_diesel::open_sharing(&url(&database), &catalogs).unwrap());
    remember(&first).await;

    assert!(is_from_memory(&part(&second, &PlanFilter::default(), Edge::Newest).await));
}

async fn a_corrupt_plan_fails_its_own_list_only(database: TestDatabase) {
    let store = with_app(&database).await;
    add_feature(&store, &feature(1)).await;
    add_plan(&store, &plan(1)).await;
    raw::execute(&database.url, "UPDATE plans SET payer_kind = 'robot'").await;

    for _ in 0..3 {
        assert_eq!(features_of(&store, &workspace_id(), &app_id()).await, [feature(1)]);
        let plans =
            store.plans().plans(&workspace_id(), &app_id(), &PlanFilter::default(), Edge::Newest, 3).await;
        assert!(matches!(plans, Err(StoreError::Corrupt { .. })), "{plans:?}");
    }
}
