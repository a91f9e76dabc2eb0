use std::sync::Arc;

use billing_domain::ports::{BillingStore, Edge, FeatureFilter};
use billing_domain::{Description, DisplayName, Feature, FeatureDetails, Plan, Version};
use billing_testing::builders::{app, app_id, feature, moment, plan, workspace_id};
use billing_testing::{Suite, TestDatabase};

use crate::raw;
use crate::story::{
    add_app, add_feature, add_plan, assert_conflict, assert_corrupt, assert_refused, attach, features_of,
    locked, transact, with_app,
};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database("a_feature_reads_back_exactly", a_feature_reads_back_exactly)
        .on_every_database(
            "features_are_listed_newest_first_each_on_one_page",
            features_are_listed_newest_first_each_on_one_page,
        )
        .on_every_database("a_key_belongs_to_one_feature", a_key_belongs_to_one_feature)
        .on_every_database(
            "saving_a_feature_changes_its_details_only",
            saving_a_feature_changes_its_details_only,
        )
        .on_every_database("a_stale_feature_is_not_saved", a_stale_feature_is_not_saved)
        .on_every_database("a_stale_feature_is_not_deleted", a_stale_feature_is_not_deleted)
        .on_every_database("a_feature_is_attached_and_detached_once", a_feature_is_attached_and_detached_once)
        .on_every_database(
            "a_feature_is_deleted_once_no_plan_has_it",
            a_feature_is_deleted_once_no_plan_has_it,
        )
        .on_every_database(
            "the_plans_with_a_feature_are_listed_newest_first",
            the_plans_with_a_feature_are_listed_newest_first,
        )
        .on_every_database(
            "a_feature_of_another_app_is_not_attached",
            a_feature_of_another_app_is_not_attached,
        )
        .on_every_database("a_corrupt_feature_is_named", a_corrupt_feature_is_named)
}

fn details() -> FeatureDetails {
    FeatureDetails {
        name: DisplayName::parse("Équipe 東京 🚀 \"it's\"").unwrap(),
        description: Some(Description::parse("One\ntwo").unwrap()),
    }
}

async fn read(store: &Arc<dyn BillingStore>, feature: &Feature) -> Option<Feature> {
    store.features().feature(&workspace_id(), &app_id(), &feature.key).await.unwrap()
}

async fn attached_to(store: &Arc<dyn BillingStore>, plan: &Plan) -> Vec<Feature> {
    store.plans().plan(&workspace_id(), &app_id(), plan.id).await.unwrap().unwrap().features
}

async fn a_feature_reads_back_exactly(database: TestDatabase) {
    let store = with_app(&database).await;
    let full = Feature { details: details(), version: Version::from_stored(7), ..feature(1) };
    add_plan(&store, &plan(1)).await;
    for feature in [&full, &feature(2)] {
        add_feature(&store, feature).await;
        attach(&store, &plan(1), feature).await;
        assert_eq!(read(&store, feature).await.as_ref(), Some(feature));
        let mut work = locked(&store).await;
        let to_change =
            work.features().feature_to_change(&workspace_id(), &app_id(), &feature.key).await.unwrap();
        assert_eq!(to_change.as_ref(), Some(feature));
    }

    assert_eq!(attached_to(&store, &plan(1)).await, [full, feature(2)]);
    assert_eq!(read(&store, &feature(3)).await, None);
}

async fn features_are_listed_newest_first_each_on_one_page(database: TestDatabase) {
    let store = with_app(&database).await;
    for number in [3, 5, 1, 4, 2] {
        add_feature(&store, &feature(number)).await;
    }

    let all = FeatureFilter::default();
    let page = async |edge| {
        store.features().features(&workspace_id(), &app_id(), &all, edge, 2).await.unwrap().items
    };
    let older = |number| Edge::OlderThan(feature(number).id);
    assert_eq!(page(Edge::Newest).await, [feature(5), feature(4)]);
    assert_eq!(page(older(4)).await, [feature(3), feature(2)]);
    assert_eq!(page(older(2)).await, [feature(1)]);
    assert_eq!(page(older(1)).await, []);
}

async fn a_key_belongs_to_one_feature(database: TestDatabase) {
    let store = with_app(&database).await;
    add_feature(&store, &feature(1)).await;
    for taken in [Feature { key: feature(1).key, ..feature(2) }, Feature { id: feature(1).id, ..feature(2) }]
    {
        assert_conflict(transact(&store, |work| work.features().insert_feature(&taken)).await);
    }
    assert_eq!(features_of(&store, &workspace_id(), &app_id()).await, [feature(1)]);
}

async fn saving_a_feature_changes_its_details_only(database: TestDatabase) {
    let store = with_app(&database).await;
    add_feature(&store, &feature(1)).await;
    let version = Version::NEW.next();
    let saved = Feature { id: feature(1).id, details: details(), version, ..feature(2) };

    transact(&store, |work| work.features().save_feature(&saved, Version::NEW)).await.unwrap();
    let expected = Feature { details: details(), version, ..feature(1) };
    assert_eq!(read(&store, &feature(1)).await, Some(expected));

    let emptied = Feature { version: version.next(), ..feature(1) };
    transact(&store, |work| work.features().save_feature(&emptied, version)).await.unwrap();
    assert_eq!(read(&store, &feature(1)).await, Some(emptied));
}

async fn a_stale_feature_is_not_saved(database: TestDatabase) {
    let store = with_app(&database).await;
    add_feature(&store, &feature(1)).await;
    let first = feature(1).revise(details()).unwrap();
    transact(&store, |work| work.features().save_feature(&first, Version::NEW)).await.unwrap();

    let second = Feature { details: feature(2).details, ..first.clone() };
    assert_conflict(transact(&store, |work| work.features().save_feature(&second, Version::NEW)).await);

    assert_eq!(read(&store, &feature(1)).await, Some(first));
}

async fn a_stale_feature_is_not_deleted(database: TestDatabase) {
    let store = with_app(&database).await;
    let loaded = feature(1);
    add_feature(&store, &loaded).await;
    let changed = loaded.revise(details()).unwrap();
    transact(&store, |work| work.features().save_feature(&changed, Version::NEW)).await.unwrap();

    assert_conflict(transact(&store, |work| work.features().delete_feature(&loaded)).await);

    assert_eq!(read(&store, &feature(1)).await, Some(changed));
}

async fn a_feature_is_attached_and_detached_once(database: TestDatabase) {
    let store = with_app(&database).await;
    for number in [1, 2] {
        add_plan(&store, &plan(number)).await;
        add_feature(&store, &feature(number)).await;
    }
    let (plan_1, feature_1) = (plan(1), feature(1));
    let attach_again =
        async || transact(&store, |work| work.plans().attach_feature(&plan_1, &feature_1)).await;
    let detach = async || transact(&store, |work| work.plans().detach_feature(&plan_1, &feature_1)).await;
    assert_conflict(detach().await);
    attach(&store, &plan(1), &feature(1)).await;
    attach(&store, &plan(1), &feature(2)).await;
    attach(&store, &plan(2), &feature(1)).await;
    assert_conflict(attach_again().await);

    detach().await.unwrap();

    assert_eq!(attached_to(&store, &plan(1)).await, [feature(2)]);
    assert_eq!(attached_to(&store, &plan(2)).await, [feature(1)]);
    assert_conflict(detach().await);
    attach_again().await.unwrap();
}

async fn a_feature_is_deleted_once_no_plan_has_it(database: TestDatabase) {
    let store = with_app(&database).await;
    let (plan, attached) = (Plan { archived_at: Some(moment()), ..plan(1) }, feature(1));
    add_plan(&store, &plan).await;
    for number in [1, 2] {
        add_feature(&store, &feature(number)).await;
    }
    attach(&store, &plan, &attached).await;
    let delete = async || transact(&store, |work| work.features().delete_feature(&attached)).await;

    assert_refused(delete().await);
    assert_eq!(read(&store, &attached).await.as_ref(), Some(&attached));

    transact(&store, |work| work.plans().detach_feature(&plan, &attached)).await.unwrap();
    delete().await.unwrap();
    assert_eq!(features_of(&store, &workspace_id(), &app_id()).await, [feature(2)]);
    assert_conflict(delete().await);
    add_feature(&store, &Feature { key: feature(1).key, ..feature(3) }).await;
}

async fn the_plans_with_a_feature_are_listed_newest_first(database: TestDatabase) {
    let store = with_app(&database).await;
    add_feature(&store, &feature(1)).await;
    add_feature(&store, &feature(2)).await;
    let archived = Plan { archived_at: Some(moment()), ..plan(3) };
    for plan in [&plan(2), &archived, &plan(1), &plan(4)] {
        add_plan(&store, plan).await;
    }
    for plan in [&plan(2), &archived, &plan(1)] {
        attach(&store, plan, &feature(1)).await;
    }
    attach(&store, &plan(4), &feature(2)).await;

    let mut work = locked(&store).await;
    let all = work.plans().plans_with_feature(&feature(1), 10).await.unwrap();
    assert_eq!(all, [archived.clone(), plan(2), plan(1)]);
    assert_eq!(work.plans().plans_with_feature(&feature(1), 1).await.unwrap(), [archived]);
    assert_eq!(work.plans().plans_with_feature(&feature(3), 1).await.unwrap(), []);
    assert_eq!(store.plans().plans_including(&feature(1), 10).await.unwrap(), all);
    assert_eq!(store.plans().plans_including(&feature(1), 1).await.unwrap(), all[..1]);
}

async fn a_feature_of_another_app_is_not_attached(database: TestDatabase) {
    let store = with_app(&database).await;
    add_app(&store, &app(1)).await;
    let ours = plan(1);
    add_plan(&store, &ours).await;
    let theirs = Feature { app_id: app(1).id, ..feature(1) };
    add_feature(&store, &theirs).await;

    let outcome = transact(&store, |work| work.plans().attach_feature(&ours, &theirs));
    assert_refused(outcome.await);
}

async fn a_corrupt_feature_is_named(database: TestDatabase) {
    let store = with_app(&database).await;
    add_feature(&store, &feature(1)).await;
    let id = feature(1).id.to_string();
    raw::execute(&database.url, "UPDATE features SET version = -1").await;
    let read = store.features().feature(&workspace_id(), &app_id(), &feature(1).key).await;
    assert_corrupt(read, ("features", "version", &id));
}
