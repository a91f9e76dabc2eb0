//! Isolation of workspaces and apps: nothing is seen or changed from another one, even under the same ids and keys.

use std::sync::Arc;

use billing_domain::ports::{BillingStore, Edge};
use billing_domain::{
    App, AppId, DisplayName, Feature, PayerKind, Plan, PlanDetails, PlanId, PlanOffer, Price, Version,
    WorkspaceId,
};
use billing_testing::builders::{app, app_id, feature, moment, plan, price, test_app, workspace_id};
use billing_testing::{Suite, TestDatabase};

use crate::story::{
    add_app, add_feature, add_plan, add_price, assert_conflict, assert_refused, attach, features_of,
    locked_in, other_workspace, plans_of, plans_that, transact_in, with_app,
};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database("nobody_else_sees_a_catalog", nobody_else_sees_a_catalog)
        .on_every_database("nobody_else_changes_a_catalog", nobody_else_changes_a_catalog)
        .on_every_database(
            "the_same_ids_in_another_workspace_are_independent",
            the_same_ids_in_another_workspace_are_independent,
        )
        .on_every_database(
            "the_same_keys_in_another_app_are_independent",
            the_same_keys_in_another_app_are_independent,
        )
}

fn default_plan() -> Plan {
    let details = PlanDetails { is_default: true, ..plan(1).details };
    Plan { details, ..plan(1) }
}

/// The catalog of the test app: a default plan with a feature, and an archived plan with a price.
fn catalog() -> [PlanOffer; 2] {
    let sold = PlanOffer { plan: default_plan(), prices: Vec::new(), features: vec![feature(1)] };
    let archived = Plan { archived_at: Some(moment()), ..plan(2) };
    [sold, PlanOffer { prices: vec![price(1, &archived)], plan: archived, features: Vec::new() }]
}

/// The same plans, prices and features as those of another workspace.
fn in_workspace(workspace: &WorkspaceId, offer: PlanOffer) -> PlanOffer {
    let features = offer.features.into_iter();
    PlanOffer {
        plan: Plan { workspace_id: workspace.clone(), ..offer.plan },
        prices: offer.prices,
        features: features.map(|it| Feature { workspace_id: workspace.clone(), ..it }).collect(),
    }
}

async fn add(store: &Arc<dyn BillingStore>, offers: &[PlanOffer]) {
    for PlanOffer { plan, prices, features } in offers {
        add_plan(store, plan).await;
        for price in prices {
            add_price(store, plan, price).await;
        }
        for feature in features {
            add_feature(store, feature).await;
            attach(store, plan, feature).await;
        }
    }
}

/// A store in which the test app has its catalog, and another app and another workspace have none.
async fn with_catalog(database: &TestDatabase) -> Arc<dyn BillingStore> {
    let store = with_app(database).await;
    add_app(&store, &app(1)).await;
    add_app(&store, &App { workspace_id: other_workspace(), ..test_app() }).await;
    add(&store, &catalog()).await;
    store
}

async fn everything(store: &Arc<dyn BillingStore>, workspace: &WorkspaceId, app: &AppId) -> Vec<PlanOffer> {
    let mut offers = plans_of(store, workspace, app).await;
    offers.extend(
        store.plans().plans(workspace, app, &plans_that(true), Edge::Newest, 10).await.unwrap().items,
    );
    offers
}

async fn nobody_else_sees_a_catalog(database: TestDatabase) {
    let store = with_catalog(&database).await;
    for (workspace, app) in [(other_workspace(), app_id()), (workspace_id(), app(1).id)] {
        assert_eq!(everything(&store, &workspace, &app).await, []);
        assert_eq!(features_of(&store, &workspace, &app).await, []);
        assert_eq!(store.features().feature(&workspace, &app, &feature(1).key).await.unwrap(), None);
        for plan in [plan(1).id, plan(2).id] {
            assert_eq!(store.plans().plan(&workspace, &app, plan).await.unwrap(), None);
        }
        let mut work = locked_in(&store, &workspace).await;
        assert_eq!(work.plans().plan_to_change(&workspace, &app, plan(1).id).await.unwrap(), None);
        assert_eq!(work.plans().sold_plan_with_key(&workspace, &app, &plan(1).key).await.unwrap(), None);
        assert_eq!(work.plans().default_plan(&workspace, &app, PayerKind::User).await.unwrap(), None);
        assert_eq!(work.features().feature_to_change(&workspace, &app, &feature(1).key).await.unwrap(), None);
        let theirs = Feature { workspace_id: workspace.clone(), app_id: app.clone(), ..feature(1) };
        assert_eq!(work.plans().plans_with_feature(&theirs, 10).await.unwrap(), []);
        assert_eq!(store.plans().plans_including(&theirs, 10).await.unwrap(), []);
        work.commit().await.unwrap();
    }
}

async fn nobody_else_changes_a_catalog(database: TestDatabase) {
    let store = with_catalog(&database).await;
    for (workspace, app) in [(other_workspace(), app_id()), (workspace_id(), app(1).id)] {
        let plan = Plan { workspace_id: workspace.clone(), app_id: app.clone(), ..plan(1) };
        let feature = Feature { workspace_id: workspace.clone(), app_id: app.clone(), ..feature(1) };

        let save = transact_in(&store, &workspace, |work| work.plans().save_plan(&plan, Version::NEW));
        assert_conflict(save.await);
        let save =
            transact_in(&store, &workspace, |work| work.features().save_feature(&feature, Version::NEW));
        assert_conflict(save.await);
        let delete = transact_in(&store, &workspace, |work| work.features().delete_feature(&feature));
        assert_conflict(delete.await);
        let detach = transact_in(&store, &workspace, |work| work.plans().detach_feature(&plan, &feature));
        assert_conflict(detach.await);
    }
    price_of_another_workspace_stays(&store).await;
    nothing_is_attached_across(&store).await;

    assert_eq!(everything(&store, &workspace_id(), &app_id()).await, catalog());
}

async fn price_of_another_workspace_stays(store: &Arc<dyn BillingStore>) {
    let workspace = other_workspace();
    let ours = price(1, &plan(2));
    let archived = Price { archived_at: Some(moment()), ..ours.clone() };
    let archive = transact_in(store, &workspace, |work| work.plans().save_price(&workspace, &archived));
    assert_conflict(archive.await);
    let insert = transact_in(store, &workspace, |work| work.plans().insert_price(&workspace, &ours));
    assert_refused(insert.await);
}

async fn nothing_is_attached_across(store: &Arc<dyn BillingStore>) {
    let workspace = other_workspace();
    let their_plan = Plan { workspace_id: workspace.clone(), ..plan(9) };
    add_plan(store, &their_plan).await;
    let our_feature = feature(1);
    let attach =
        transact_in(store, &workspace, |work| work.plans().attach_feature(&their_plan, &our_feature));
    assert_refused(attach.await);
}

async fn the_same_ids_in_another_workspace_are_independent(database: TestDatabase) {
    let store = with_catalog(&database).await;
    let workspace = other_workspace();
    let mut theirs = catalog().map(|offer| in_workspace(&workspace, offer));
    add(&store, &theirs).await;
    assert_eq!(everything(&store, &workspace, &app_id()).await, theirs);
    assert_eq!(everything(&store, &workspace_id(), &app_id()).await, catalog());

    let [PlanOffer { plan, features, .. }, PlanOffer { prices, .. }] = &mut theirs;
    plan.version = Version::NEW.next();
    plan.details.name = DisplayName::parse("Theirs").unwrap();
    prices[0].archived_at = Some(moment());
    features[0].version = Version::NEW.next();
    features[0].details.name = DisplayName::parse("Theirs").unwrap();
    let mut work = locked_in(&store, &workspace).await;
    work.plans().save_plan(plan, Version::NEW).await.unwrap();
    work.plans().save_price(&workspace, &prices[0]).await.unwrap();
    work.features().save_feature(&features[0], Version::NEW).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(everything(&store, &workspace, &app_id()).await, theirs);

    let [PlanOffer { plan, features, .. }, _] = &theirs;
    let mut work = locked_in(&store, &workspace).await;
    assert_eq!(work.plans().plans_with_feature(&features[0], 10).await.unwrap(), std::slice::from_ref(plan));
    work.plans().detach_feature(plan, &features[0]).await.unwrap();
    work.features().delete_feature(&features[0]).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(features_of(&store, &workspace, &app_id()).await, []);
    assert_eq!(everything(&store, &workspace_id(), &app_id()).await, catalog());
    assert_eq!(features_of(&store, &workspace_id(), &app_id()).await, [feature(1)]);
}

async fn the_same_keys_in_another_app_are_independent(database: TestDatabase) {
    let store = with_catalog(&database).await;
    let app = app(1).id;
    let their_plan = Plan { id: PlanId::from_uuid(7), app_id: app.clone(), ..default_plan() };
    let their_feature = Feature { id: feature(7).id, app_id: app.clone(), ..feature(1) };
    let theirs =
        PlanOffer { plan: their_plan.clone(), prices: Vec::new(), features: vec![their_feature.clone()] };
    add(&store, std::slice::from_ref(&theirs)).await;

    assert_eq!(everything(&store, &workspace_id(), &app).await, [theirs]);
    assert_eq!(everything(&store, &workspace_id(), &app_id()).await, catalog());
    assert_eq!(features_of(&store, &workspace_id(), &app_id()).await, [feature(1)]);
    let mut work = locked_in(&store, &workspace_id()).await;
    let (workspace, key) = (workspace_id(), plan(1).key);
    let default = work.plans().default_plan(&workspace, &app, PayerKind::User).await.unwrap();
    assert_eq!(default, Some(their_plan.clone()));
    assert_eq!(work.plans().sold_plan_with_key(&workspace, &app, &key).await.unwrap(), Some(their_plan));
    assert_eq!(
        work.features().feature_to_change(&workspace, &app, &feature(1).key).await.unwrap(),
        Some(their_feature)
    );
    assert_eq!(
        work.plans().default_plan(&workspace, &app_id(), PayerKind::User).await.unwrap(),
        Some(default_plan())
    );
    work.commit().await.unwrap();
}
