//! Steps the cases are told in.

use std::sync::Arc;

use billing_diesel::DatabaseUrl;
use billing_domain::ports::{
    AppFilter, BillingStore, Edge, FeatureFilter, PlanFilter, StoreError, UnitOfWork,
};
use billing_domain::{
    App, AppId, BillingSwitch, Feature, Gateway, GatewayAccountId, Plan, PlanOffer, Price, WorkspaceId,
};
use billing_testing::{TestDatabase, builders};
use futures_util::future::BoxFuture;

pub(crate) fn url(database: &TestDatabase) -> DatabaseUrl {
    database.url.parse().unwrap()
}

pub(crate) async fn migrated(database: &TestDatabase) -> Arc<dyn BillingStore> {
    billing_diesel::migrate(&url(database)).await.unwrap();
    billing_diesel::open(&url(database)).unwrap()
}

/// A store in which the test workspace exists and has its app.
pub(crate) async fn with_app(database: &TestDatabase) -> Arc<dyn BillingStore> {
    let store = migrated(database).await;
    add_app(&store, &builders::test_app()).await;
    store
}

pub(crate) async fn add_app(store: &Arc<dyn BillingStore>, app: &App) {
    transact_in(store, &app.workspace_id, |work| work.apps().insert_app(app)).await.unwrap();
}

pub(crate) async fn add_plan(store: &Arc<dyn BillingStore>, plan: &Plan) {
    transact_in(store, &plan.workspace_id, |work| work.plans().insert_plan(plan)).await.unwrap();
}

pub(crate) async fn add_price(store: &Arc<dyn BillingStore>, plan: &Plan, price: &Price) {
    let workspace = &plan.workspace_id;
    transact_in(store, workspace, |work| work.plans().insert_price(workspace, price)).await.unwrap();
}

pub(crate) async fn add_feature(store: &Arc<dyn BillingStore>, feature: &Feature) {
    let workspace = &feature.workspace_id;
    transact_in(store, workspace, |work| work.features().insert_feature(feature)).await.unwrap();
}

pub(crate) async fn attach(store: &Arc<dyn BillingStore>, plan: &Plan, feature: &Feature) {
    let workspace = &plan.workspace_id;
    transact_in(store, workspace, |work| work.plans().attach_feature(plan, feature)).await.unwrap();
}

/// One call of a unit of work.
type Step<'a, T> = BoxFuture<'a, Result<T, StoreError>>;

/// The outcome of one step on the test workspace, in a transaction that is committed unless it fails.
pub(crate) async fn transact<'step, T>(
    store: &Arc<dyn BillingStore>,
    step: impl for<'a> FnOnce(&'a mut (dyn UnitOfWork + 'step)) -> Step<'a, T>,
) -> Result<T, StoreError> {
    transact_in(store, &builders::workspace_id(), step).await
}

pub(crate) async fn transact_in<'step, T>(
    store: &Arc<dyn BillingStore>,
    workspace: &WorkspaceId,
    step: impl for<'a> FnOnce(&'a mut (dyn UnitOfWork + 'step)) -> Step<'a, T>,
) -> Result<T, StoreError> {
    let mut work = store.begin(workspace).await?;
    work.switches().lock_workspace(workspace).await?;
    match step(&mut *work).await {
        Ok(outcome) => work.commit().await.map(|()| outcome),
        Err(error) => {
            work.rollback().await?;
            Err(error)
        }
    }
}

pub(crate) fn assert_conflict<T: std::fmt::Debug>(outcome: Result<T, StoreError>) {
    let error = outcome.unwrap_err();
    assert!(matches!(error, StoreError::Conflict), "{error:?}");
}

/// The database itself refuses what no rule of the domain asks for.
pub(crate) fn assert_refused<T: std::fmt::Debug>(outcome: Result<T, StoreError>) {
    let error = outcome.unwrap_err();
    assert!(matches!(error, StoreError::Unexpected(_)), "{error:?}");
}

pub(crate) fn assert_corrupt<T: std::fmt::Debug>(outcome: Result<T, StoreError>, place: (&str, &str, &str)) {
    let error = outcome.unwrap_err();
    let StoreError::Corrupt { table, column, row } = &error else { panic!("{error:?}") };
    assert_eq!((*table, *column, row.as_str()), place);
}

/// Archived plans, or the others.
pub(crate) fn plans_that(are_archived: bool) -> PlanFilter {
    PlanFilter { archived: are_archived, ..PlanFilter::default() }
}

/// All apps of a list.
pub(crate) async fn apps_of(store: &Arc<dyn BillingStore>, workspace: &WorkspaceId) -> Vec<App> {
    store.apps().apps(workspace, &AppFilter::default(), Edge::Newest, 100).await.unwrap().items
}

/// All plans that are not archived.
pub(crate) async fn plans_of(
    store: &Arc<dyn BillingStore>,
    workspace: &WorkspaceId,
    app: &AppId,
) -> Vec<PlanOffer> {
    store.plans().plans(workspace, app, &PlanFilter::default(), Edge::Newest, 100).await.unwrap().items
}

/// All features.
pub(crate) async fn features_of(
    store: &Arc<dyn BillingStore>,
    workspace: &WorkspaceId,
    app: &AppId,
) -> Vec<Feature> {
    store
        .features()
        .features(workspace, app, &FeatureFilter::default(), Edge::Newest, 100)
        .await
        .unwrap()
        .items
}

/// The workspace uses the account from now on. Whether that is new.
pub(crate) async fn uses(
    store: &Arc<dyn BillingStore>,
    workspace: &WorkspaceId,
    account: &GatewayAccountId,
) -> bool {
    uses_in(store, workspace, account, false).await.unwrap()
}

/// [`uses`], in live mode or in test mode.
pub(crate) async fn uses_in(
    store: &Arc<dyn BillingStore>,
    workspace: &WorkspaceId,
    account: &GatewayAccountId,
    is_live: bool,
) -> Result<bool, StoreError> {
    let (gateway, now) = (Gateway::Managed, builders::moment());
    transact_in(store, workspace, |work| {
        work.gateway_links().use_gateway_account(workspace, account, gateway, is_live, now)
    })
    .await
}

pub(crate) fn other_workspace() -> WorkspaceId {
    WorkspaceId::parse("ws_other").unwrap()
}

/// A unit of work that holds the test workspace.
pub(crate) async fn locked(store: &Arc<dyn BillingStore>) -> Box<dyn UnitOfWork> {
    locked_in(store, &builders::workspace_id()).await
}

pub(crate) async fn locked_in(store: &Arc<dyn BillingStore>, workspace: &WorkspaceId) -> Box<dyn UnitOfWork> {
    let mut work = store.begin(workspace).await.unwrap();
    work.switches().lock_workspace(workspace).await.unwrap();
    work
}

pub(crate) fn enabled() -> BillingSwitch {
    BillingSwitch::Enabled { since: builders::moment(), gateway: Gateway::StripeConnect }
}

pub(crate) fn closing() -> BillingSwitch {
    BillingSwitch::Closing {
        since: builders::moment(),
        gateway: Gateway::Managed,
        closing_since: builders::moment(),
    }
}
