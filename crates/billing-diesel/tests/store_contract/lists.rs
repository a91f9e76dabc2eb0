//! What the lists of apps, plans and features have in common.

use std::sync::Arc;

use billing_domain::ports::{
    AppFilter, AppPosition, BillingStore, Counted, Edge, FeatureFilter, PlanFilter, SCANNED, SearchText,
};
use billing_domain::{
    App, AppDetails, DisplayName, Feature, FeatureDetails, FeatureId, PayerKind, Plan, PlanDetails, PlanId,
};
use billing_testing::builders::{app, app_id, feature, moment, plan, workspace_id};
use billing_testing::{Suite, TestDatabase};

use crate::raw;
use crate::story::{add_app, add_feature, add_plan, migrated, plans_that, with_app};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database("plans_are_listed_both_ways", plans_are_listed_both_ways)
        .on_every_database("features_are_listed_both_ways", features_are_listed_both_ways)
        .on_every_database("apps_are_listed_both_ways", apps_are_listed_both_ways)
        .on_every_database("a_key_of_no_item_is_a_place_in_its_list", a_key_of_no_item_is_a_place_in_its_list)
        .on_every_database("plans_are_filtered", plans_are_filtered)
        .on_every_database("every_character_is_looked_for_as_it_is", every_character_is_looked_for_as_it_is)
        .on_every_database("counting_ends_at_its_bound", counting_ends_at_its_bound)
        .on_every_database("a_filter_looks_at_the_newest_plans_only", a_filter_looks_at_the_newest_plans_only)
        .on_every_database(
            "a_search_looks_at_the_newest_features_only",
            a_search_looks_at_the_newest_features_only,
        )
        .on_every_database("a_search_looks_at_the_newest_apps_only", a_search_looks_at_the_newest_apps_only)
}

fn named(name: &str) -> DisplayName {
    DisplayName::parse(name).unwrap()
}

fn plan_named(number: u32, name: &str) -> Plan {
    Plan { details: PlanDetails::named(named(name)), ..plan(number) }
}

fn feature_named(number: u32, name: &str) -> Feature {
    Feature { details: FeatureDetails { name: named(name), description: None }, ..feature(number) }
}

fn app_named(number: u32, name: &str) -> App {
    App { details: AppDetails { name: named(name), ..app(number).details }, ..app(number) }
}

fn exactly(newer: u64, total: u64) -> Counted {
    Counted { newer, total, is_exact: true }
}

async fn plans(store: &Arc<dyn BillingStore>, filter: &PlanFilter, edge: Edge<PlanId>) -> Vec<PlanId> {
    let offers = store.plans().plans(&workspace_id(), &app_id(), filter, edge, 2).await.unwrap();
    offers.items.into_iter().map(|offer| offer.plan.id).collect()
}

async fn count(store: &Arc<dyn BillingStore>, filter: &PlanFilter, than: Option<PlanId>) -> Counted {
    store.plans().count_plans(&workspace_id(), &app_id(), filter, than).await.unwrap()
}

fn looking_for(text: &str) -> PlanFilter {
    PlanFilter { search: SearchText::new(text), ..PlanFilter::default() }
}

async fn plans_are_listed_both_ways(database: TestDatabase) {
    let store = with_app(&database).await;
    for number in [4, 1, 9, 2, 5, 3] {
        add_plan(&store, &plan(number)).await;
    }
    add_plan(&store, &Plan { archived_at: Some(moment()), ..plan(6) }).await;
    let id = |number| plan(number).id;
    let ids = |numbers: &[u32]| numbers.iter().map(|number| id(*number)).collect::<Vec<_>>();

    let all = PlanFilter::default();
    assert_eq!(plans(&store, &all, Edge::Newest).await, ids(&[9, 5]));
    assert_eq!(plans(&store, &all, Edge::OlderThan(id(5))).await, ids(&[4, 3]));
    assert_eq!(plans(&store, &all, Edge::NewerThan(id(1))).await, ids(&[3, 2]));
    assert_eq!(plans(&store, &all, Edge::NewerThan(id(5))).await, ids(&[9]));
    assert_eq!(plans(&store, &all, Edge::NewerThan(id(9))).await, []);
    assert_eq!(count(&store, &all, None).await, exactly(0, 6));
    assert_eq!(count(&store, &all, Some(id(4))).await, exactly(2, 6));
    assert_eq!(count(&store, &all, Some(id(1))).await, exactly(5, 6));
    assert_eq!(count(&store, &plans_that(true), None).await, exactly(0, 1));
}

async fn features_are_listed_both_ways(database: TestDatabase) {
    let store = with_app(&database).await;
    for number in [3, 1, 2] {
        add_feature(&store, &feature_named(number, ["", "Export", "API", "Exports"][number as usize])).await;
    }
    let (workspace, app) = (workspace_id(), app_id());
    let page = async |filter: &FeatureFilter, edge| {
        let features = store.features().features(&workspace, &app, filter, edge, 2).await.unwrap();
        features.items.into_iter().map(|feature| feature.id).collect::<Vec<_>>()
    };
    let count = async |filter: &FeatureFilter, than: Option<FeatureId>| {
        store.features().count_features(&workspace, &app, filter, than).await.unwrap()
    };
    let id = |number| feature(number).id;

    let all = FeatureFilter::default();
    assert_eq!(page(&all, Edge::NewerThan(id(1))).await, [id(3), id(2)]);
    assert_eq!(page(&all, Edge::NewerThan(id(2))).await, [id(3)]);
    assert_eq!(count(&all, Some(id(2))).await, exactly(1, 3));
    let exports = FeatureFilter { search: SearchText::new("xPOR") };
    assert_eq!(page(&exports, Edge::Newest).await, [id(3), id(1)]);
    assert_eq!(page(&exports, Edge::OlderThan(id(2))).await, [id(1)]);
    assert_eq!(count(&exports, Some(id(1))).await, exactly(1, 2));
    let by_key = FeatureFilter { search: SearchText::new(feature(2).key.as_str()) };
    assert_eq!(page(&by_key, Edge::Newest).await, [id(2)]);
}

async fn apps_are_listed_both_ways(database: TestDatabase) {
    let store = migrated(&database).await;
    // The last two are of one moment: the greater id comes first.
    let apps = [
        app_named(3, "Shop"),
        app_named(1, "Cafe"),
        App { created_at: app(5).created_at, ..app_named(2, "Workshop") },
        app_named(5, "Bar"),
    ];
    for app in &apps {
        add_app(&store, app).await;
    }
    let page = async |filter: &AppFilter, edge| {
        let apps = store.apps().apps(&workspace_id(), filter, edge, 2).await.unwrap();
        apps.items.into_iter().map(|app| app.id).collect::<Vec<_>>()
    };
    let count = async |filter: &AppFilter, than| {
        store.apps().count_apps(&workspace_id(), filter, than).await.unwrap()
    };
    let at = |index: usize| {
        let App { created_at, id, .. } = apps[index].clone();
        AppPosition { created_at, id }
    };
    let [shop, cafe, workshop, bar] = [0, 1, 2, 3].map(|index| apps[index].id.clone());

    let all = AppFilter::default();
    assert_eq!(page(&all, Edge::Newest).await, [bar.clone(), workshop.clone()]);
    assert_eq!(page(&all, Edge::OlderThan(at(3))).await, [workshop.clone(), shop.clone()]);
    assert_eq!(page(&all, Edge::OlderThan(at(2))).await, [shop.clone(), cafe]);
    assert_eq!(page(&all, Edge::NewerThan(at(1))).await, [workshop.clone(), shop.clone()]);
    assert_eq!(page(&all, Edge::NewerThan(at(2))).await, std::slice::from_ref(&bar));
    assert_eq!(page(&all, Edge::NewerThan(at(3))).await, []);
    assert_eq!(count(&all, None).await, exactly(0, 4));
    assert_eq!(count(&all, Some(at(2))).await, exactly(1, 4));
    assert_eq!(count(&all, Some(at(1))).await, exactly(3, 4));
    let shops = AppFilter { search: SearchText::new("SHOP") };
    assert_eq!(page(&shops, Edge::Newest).await, [workshop, shop]);
    assert_eq!(count(&shops, Some(at(0))).await, exactly(1, 2));
    let by_id = AppFilter { search: SearchText::new("app_5") };
    assert_eq!(page(&by_id, Edge::Newest).await, [bar]);
}

async fn a_key_of_no_item_is_a_place_in_its_list(database: TestDatabase) {
    let store = with_app(&database).await;
    for number in [1, 3] {
        add_plan(&store, &plan(number)).await;
    }
    let (all, gone) = (PlanFilter::default(), plan(2).id);
    assert_eq!(plans(&store, &all, Edge::OlderThan(gone)).await, [plan(1).id]);
    assert_eq!(plans(&store, &all, Edge::NewerThan(gone)).await, [plan(3).id]);
    assert_eq!(count(&store, &all, Some(gone)).await, exactly(1, 2));
}

async fn plans_are_filtered(database: TestDatabase) {
    let store = with_app(&database).await;
    let team = Plan { payer_kind: PayerKind::Organization, ..plan_named(3, "Team Pro") };
    let old = Plan { archived_at: Some(moment()), ..plan_named(4, "Old Pro") };
    for plan in [plan_named(1, "Pro"), plan_named(2, "Free"), team, old] {
        add_plan(&store, &plan).await;
    }
    let [pro, free, team, old] = [1, 2, 3, 4].map(|number| plan(number).id);
    let of = |filter: &PlanFilter, kind| PlanFilter { payer_kind: Some(kind), ..filter.clone() };

    let pros = looking_for("pRO");
    let cases = [
        (pros.clone(), vec![team, pro]),
        (looking_for("m p"), vec![team]),
        (looking_for("plan_2"), vec![free]),
        (looking_for("nothing"), vec![]),
        (PlanFilter { archived: true, ..pros.clone() }, vec![old]),
        (of(&pros, PayerKind::User), vec![pro]),
        (of(&PlanFilter::default(), PayerKind::User), vec![free, pro]),
        (of(&PlanFilter::default(), PayerKind::Organization), vec![team]),
    ];
    for (filter, found) in cases {
        assert_eq!(plans(&store, &filter, Edge::Newest).await, found, "{filter:?}");
        assert_eq!(count(&store, &filter, None).await, exactly(0, found.len() as u64), "{filter:?}");
    }
    assert_eq!(plans(&store, &pros, Edge::NewerThan(free)).await, [team]);
    assert_eq!(plans(&store, &pros, Edge::OlderThan(free)).await, [pro]);
    assert_eq!(count(&store, &pros, Some(pro)).await, exactly(1, 2));
}

async fn every_character_is_looked_for_as_it_is(database: TestDatabase) {
    let store = with_app(&database).await;
    let names = [(1, "100 %"), (2, r"a\b"), (3, "it's"), (4, "Équipe 東京 🚀"), (5, "plain")];
    for (number, name) in names {
        add_plan(&store, &plan_named(number, name)).await;
    }
    let by_key = plan_named(6, "other");
    add_plan(&store, &by_key).await;

    for (text, found) in [
        ("%", vec![1]),
        ("0_%", vec![]),
        (r"\", vec![2]),
        (r"\b", vec![2]),
        (r"\%", vec![]),
        ("'s", vec![3]),
        ("京 🚀", vec![4]),
        ("ÉQUIPE", vec![4]),
        ("équipe", vec![]),
        ("n_6", vec![6]),
        ("plai_", vec![]),
        ("pl\0ain", vec![]),
        ("a\u{7}", vec![]),
        ("\0", vec![]),
    ] {
        let found: Vec<_> = found.into_iter().map(|number| plan(number).id).collect();
        assert_eq!(plans(&store, &looking_for(text), Edge::Newest).await, found, "{text:?}");
        assert_eq!(count(&store, &looking_for(text), None).await.total, found.len() as u64, "{text:?}");
    }
}

/// Makes this many more rows of the table's only one, with another name. Their keys are between its own and the next.
async fn add_copies(database: &TestDatabase, table: &str, columns: [&str; 2], other: &str, number: u32) {
    let [id, key] = columns;
    let copies = format!(
        "INSERT INTO {table} (name, {id}, {key}, {other})
        WITH RECURSIVE copies (copy) AS (SELECT 1 UNION ALL SELECT copy + 1 FROM copies WHERE copy < {number})
        SELECT 'Copy', {id} || copy, {key} || copy, {other} FROM {table}, copies"
    );
    raw::execute(&database.url, &copies).await;
}

async fn add_copies_of_plan(database: &TestDatabase, number: u32) {
    let other = "workspace_id, app_id, payer_kind, trial_days, visibility, is_default, version, created_at";
    add_copies(database, "plans", ["plan_id", "plan_key"], other, number).await;
}

async fn counting_ends_at_its_bound(database: TestDatabase) {
    let store = with_app(&database).await;
    let bound = Counted::BOUND;
    add_plan(&store, &plan(0)).await;
    add_copies_of_plan(&database, bound - 1).await;
    let all = PlanFilter::default();
    assert_eq!(count(&store, &all, None).await, exactly(0, bound.into()));

    add_plan(&store, &plan(1)).await;
    let at_least = |newer| Counted { newer, total: bound.into(), is_exact: false };
    assert_eq!(count(&store, &all, None).await, at_least(0));
    assert_eq!(count(&store, &all, Some(plan(1).id)).await, at_least(0));
    assert_eq!(count(&store, &all, Some(plan(0).id)).await, at_least(bound.into()));
}

/// The counts of a list that goes on behind what a filter looks at.
fn cut(newer: u64, total: u64) -> Counted {
    Counted { newer, total, is_exact: false }
}

async fn a_filter_looks_at_the_newest_plans_only(database: TestDatabase) {
    let store = with_app(&database).await;
    add_plan(&store, &plan_named(0, "Old")).await;
    add_copies_of_plan(&database, SCANNED - 1).await;
    let (old, copies) = (looking_for("old"), looking_for("copy"));
    let is_cut = async |filter| {
        store.plans().plans(&workspace_id(), &app_id(), filter, Edge::Newest, 1).await.unwrap().is_cut
    };
    assert_eq!(plans(&store, &old, Edge::Newest).await, [plan(0).id]);
    assert_eq!(count(&store, &old, None).await, exactly(0, 1));
    assert!(!is_cut(&old).await);

    add_plan(&store, &plan_named(1, "New")).await;

    assert_eq!(plans(&store, &old, Edge::Newest).await, []);
    assert_eq!(count(&store, &old, None).await, cut(0, 0));
    assert!(is_cut(&old).await);
    assert!(!is_cut(&PlanFilter::default()).await);
    let bound = Counted::BOUND.into();
    assert_eq!(plans(&store, &copies, Edge::NewerThan(plan(1).id)).await, []);
    assert_eq!(count(&store, &copies, Some(plan(0).id)).await, cut(bound, bound));
    let of_users = PlanFilter { payer_kind: Some(plan(0).payer_kind), ..PlanFilter::default() };
    assert_eq!(count(&store, &of_users, None).await, cut(0, bound));
    // The others have a list of their own.
    let archived = PlanFilter { archived: true, ..looking_for("gone") };
    add_plan(&store, &Plan { archived_at: Some(moment()), ..plan_named(2, "Gone") }).await;
    assert_eq!(count(&store, &archived, None).await, exactly(0, 1));
}

async fn a_search_looks_at_the_newest_features_only(database: TestDatabase) {
    let store = with_app(&database).await;
    add_feature(&store, &feature_named(0, "Old")).await;
    let other = "workspace_id, app_id, version, created_at";
    add_copies(&database, "features", ["feature_id", "feature_key"], other, SCANNED - 1).await;
    let old = FeatureFilter { search: SearchText::new("old") };
    let (workspace, app) = (workspace_id(), app_id());
    let found = async || {
        let features = store.features().features(&workspace, &app, &old, Edge::Newest, 2).await.unwrap();
        (
            features.items.len(),
            features.is_cut,
            store.features().count_features(&workspace, &app, &old, None).await.unwrap(),
        )
    };
    assert_eq!(found().await, (1, false, exactly(0, 1)));

    add_feature(&store, &feature_named(1, "New")).await;

    assert_eq!(found().await, (0, true, cut(0, 0)));
}

async fn a_search_looks_at_the_newest_apps_only(database: TestDatabase) {
    let store = migrated(&database).await;
    add_app(&store, &app_named(1, "Old")).await;
    // All of one moment: their ids tell them apart.
    let copies = format!(
        "INSERT INTO apps (workspace_id, app_id, name, allowed_redirect_origins, version, created_at)
        WITH RECURSIVE copies (copy) AS (SELECT 1 UNION ALL SELECT copy + 1 FROM copies WHERE copy < {})
        SELECT workspace_id, app_id || copy, 'Copy', allowed_redirect_origins, version, created_at
        FROM apps, copies",
        SCANNED - 1
    );
    raw::execute(&database.url, &copies).await;
    let old = AppFilter { search: SearchText::new("old") };
    let found = async || {
        let apps = store.apps().apps(&workspace_id(), &old, Edge::Newest, 2).await.unwrap();
        (apps.items.len(), apps.is_cut, store.apps().count_apps(&workspace_id(), &old, None).await.unwrap())
    };
    assert_eq!(found().await, (1, false, exactly(0, 1)));

    add_app(&store, &app_named(2, "New")).await;

    assert_eq!(found().await, (0, true, cut(0, 0)));
}
