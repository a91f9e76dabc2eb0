//! Failures of Postgres are told apart by their SQLSTATE, whatever language their messages are in.

use billing_domain::ports::StoreError;
use billing_testing::builders::workspace_id;
use billing_testing::{Suite, TestDatabase};

use crate::raw;
use crate::story::{enabled, locked, migrated};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_postgres(
            "failures_are_told_by_their_sqlstate_in_any_language",
            failures_are_told_by_their_sqlstate_in_any_language,
        )
        .on_postgres("a_connection_cut_by_an_operator_passes", a_connection_cut_by_an_operator_passes)
        .on_postgres("an_aborted_lock_wait_passes", an_aborted_lock_wait_passes)
}

/// Each save of a switch fails in this way.
async fn failing_with(database: &TestDatabase, sqlstate: &str) -> StoreError {
    let trigger = format!(
        "CREATE OR REPLACE FUNCTION fails() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             RAISE EXCEPTION 'Verbindung zum entfernten Knoten' USING ERRCODE = '{sqlstate}';
         END $$;
         CREATE OR REPLACE TRIGGER fails BEFORE UPDATE ON workspaces FOR EACH ROW EXECUTE FUNCTION fails();"
    );
    raw::execute(&database.url, &trigger).await;
    let store = billing_diesel::open(&database.url.parse().unwrap()).unwrap();
    let workspace = workspace_id();
    let mut work = locked(&store).await;
    let loaded = work.switches().lock_workspace(&workspace).await.unwrap();
    let failed = work.switches().save_switch(&workspace, loaded.version, &enabled()).await;
    failed.unwrap_err()
}

async fn failures_are_told_by_their_sqlstate_in_any_language(database: TestDatabase) {
    drop(migrated(&database).await);
    for sqlstate in ["08006", "26000", "42P05", "53300", "55P03", "57014", "57P01", "58030"] {
        let error = failing_with(&database, sqlstate).await;
        assert!(matches!(error, StoreError::Unavailable(_)), "{sqlstate}: {error:?}");
    }
    for sqlstate in ["40001", "40P01"] {
        let error = failing_with(&database, sqlstate).await;
        assert!(matches!(error, StoreError::Conflict), "{sqlstate}: {error:?}");
    }
    for sqlstate in ["22012", "42601", "P0001", "XX000"] {
        let error = failing_with(&database, sqlstate).await;
        let StoreError::Unexpected(cause) = error else { panic!("{sqlstate}: {error:?}") };
        let cause = cause.to_string();
        assert!(cause.starts_with(sqlstate), "the log names the SQLSTATE: {cause}");
    }
}

const CUT_OFF: &str = "SELECT pg_terminate_backend(pid)::text AS line FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'kolaylogin-billing'";

async fn a_connection_cut_by_an_operator_passes(database: TestDatabase) {
    let store = migrated(&database).await;
    let mut work = locked(&store).await;
    raw::lines(&database.url, CUT_OFF).await;

    let error = work.switches().blockers(&workspace_id()).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    drop(work);
    locked(&store).await.commit().await.unwrap();
}

const CANCEL: &str = "SELECT pg_cancel_backend(pid)::text AS line FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'";

async fn an_aborted_lock_wait_passes(database: TestDatabase) {
    let store = migrated(&database).await;
    let holder = raw::holding(&database.url, "LOCK TABLE checkout_intents").await;
    let waiting = tokio::spawn(async move { store.switches().blockers(&workspace_id()).await });
    while raw::lines(&database.url, CANCEL).await.is_empty() {
        tokio::task::yield_now().await;
    }

    let error = waiting.await.unwrap().unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    drop(holder);
}
