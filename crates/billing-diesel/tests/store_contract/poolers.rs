//! Connection poolers between the service and Postgres.

use std::sync::Arc;

use billing_diesel::DatabaseUrl;
use billing_domain::ports::{
    AppFilter, BillingStore, Edge, FeatureFilter, PlanFilter, StoreError, error_chain,
};
use billing_domain::{BillingSwitch, WorkId, WorkKind, WorkspaceId};
use billing_testing::builders::{app_id, gateway_event, moment, test_app, workspace_id};
use billing_testing::{PgBouncer, Suite, TestDatabase};
use tokio::task::JoinSet;

use crate::raw;
use crate::story::{add_app, enabled, transact};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .behind_pgbouncer(
            "replicas_share_a_pooler_of_transactions",
            "transaction",
            replicas_share_a_pooler_of_transactions,
        )
        .behind_pgbouncer(
            "a_pooler_of_transactions_keeps_no_setting",
            "transaction",
            a_pooler_of_transactions_keeps_no_setting,
        )
        .behind_pgbouncer(
            "locks_are_waited_for_briefly_behind_a_pooler",
            "transaction",
            locks_are_waited_for_briefly_behind_a_pooler,
        )
        .behind_pgbouncer("a_pooler_of_sessions_works", "session", a_pooler_of_sessions_works)
        .behind_pgbouncer(
            "a_pooler_of_statements_is_refused_with_what_works",
            "statement",
            a_pooler_of_statements_is_refused_with_what_works,
        )
}

fn through(pooler: &PgBouncer) -> DatabaseUrl {
    pooler.url().parse().unwrap()
}

async fn opened(pooler: &PgBouncer) -> Arc<dyn BillingStore> {
    billing_diesel::migrate(&through(pooler)).await.unwrap();
    billing_diesel::open(&through(pooler)).unwrap()
}

/// Statements of many shapes, so that one taken for another one shows.
async fn use_it(store: Arc<dyn BillingStore>, workspace: WorkspaceId) -> Result<(), StoreError> {
    for _ in 0..5 {
        let mut work = store.begin(&workspace).await?;
        let loaded = work.switches().lock_workspace(&workspace).await?;
        work.switches().save_switch(&workspace, loaded.version, &enabled()).await?;
        work.commit().await?;
        assert_eq!(store.switches().billing_switch(&workspace).await?, enabled());
        assert_eq!(store.apps().app(&workspace, &app_id()).await?, None);
        assert_eq!(store.apps().apps(&workspace, &AppFilter::default(), Edge::Newest, 10).await?.items, []);
        assert_eq!(
            store
                .features()
                .features(&workspace, &app_id(), &FeatureFilter::default(), Edge::Newest, 10)
                .await?
                .items,
            []
        );
        assert_eq!(
            store.plans().plans(&workspace, &app_id(), &PlanFilter::default(), Edge::Newest, 10).await?.items,
            []
        );
        assert_eq!(store.switches().blockers(&workspace).await?.total(), 0);
        store.events().accept(vec![gateway_event(1)], moment()).await?;
        store.readiness().await?;
    }
    Ok(())
}

async fn replicas_share_a_pooler_of_transactions(database: TestDatabase, pooler: PgBouncer) {
    let replicas = [opened(&pooler).await, opened(&pooler).await];
    let mut clients = JoinSet::new();
    for number in 0..12 {
        let workspace = WorkspaceId::parse(format!("ws_{number}")).unwrap();
        clients.spawn(use_it(Arc::clone(&replicas[number % 2]), workspace));
    }
    for used in clients.join_all().await {
        used.unwrap();
    }
    // A process that starts later meets the server connections of those before.
    drop(replicas);
    use_it(opened(&pooler).await, workspace_id()).await.unwrap();
    assert_eq!(database.count("workspaces").await, 13);
}

async fn a_pooler_of_transactions_keeps_no_setting(database: TestDatabase, pooler: PgBouncer) {
    let store = opened(&pooler).await;
    add_app(&store, &test_app()).await;
    use_it(store, WorkspaceId::parse("ws_other").unwrap()).await.unwrap();

    let settings =
        "SELECT concat_ws(' ', current_setting('statement_timeout'), current_setting('lock_timeout'),
        current_setting('idle_in_transaction_session_timeout'), current_setting('TimeZone')) AS line";
    let untouched = raw::lines(&database.url, settings).await;
    for _ in 0..8 {
        assert_eq!(raw::lines(&pooler.url(), settings).await, untouched);
    }
}

async fn locks_are_waited_for_briefly_behind_a_pooler(_: TestDatabase, pooler: PgBouncer) {
    let [store, other_process] = [opened(&pooler).await, opened(&pooler).await];
    let (id, now) = (WorkId::of_workspace(&workspace_id(), WorkKind::RecoverClosing), moment());
    transact(&store, |work| work.work().schedule(&id, now)).await.unwrap();
    let mut holder = store.begin(&workspace_id()).await.unwrap();
    holder.work().claim(&id, "first", now, now, now).await.unwrap();

    let second = async {
        let mut work = other_process.begin(&workspace_id()).await?;
        work.work().claim(&id, "second", now, now, now).await
    };
    let error = second.await.unwrap_err();

    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    holder.rollback().await.unwrap();
}

async fn a_pooler_of_sessions_works(_: TestDatabase, pooler: PgBouncer) {
    let store = opened(&pooler).await;
    use_it(Arc::clone(&store), workspace_id()).await.unwrap();
    let other = WorkspaceId::parse("ws_other").unwrap();
    assert_eq!(store.switches().billing_switch(&other).await.unwrap(), BillingSwitch::Disabled);
}

async fn a_pooler_of_statements_is_refused_with_what_works(_: TestDatabase, pooler: PgBouncer) {
    let error = billing_diesel::migrate(&through(&pooler)).await.unwrap_err();

    let text = error_chain(&error);
    assert!(text.contains("pool_mode=transaction or pool_mode=session"), "{text}");
}
