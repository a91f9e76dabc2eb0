use billing_domain::ports::{AuditFilter, Edge, StoreError};
use billing_domain::{App, AppDetails, AuditEntryId, DisplayName};
use billing_testing::builders::{app_id, test_app, workspace_id};
use billing_testing::{Suite, TestDatabase};
use serde_json::json;
use tokio::task::JoinSet;

use crate::raw;
use crate::story::{apps_of, enabled, migrated, url};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database("a_database_is_ready_once_migrated", a_database_is_ready_once_migrated)
        .on_every_database("many_processes_may_migrate_at_once", many_processes_may_migrate_at_once)
        .on_every_database(
            "a_database_of_the_first_release_keeps_its_data",
            a_database_of_the_first_release_keeps_its_data,
        )
        .on_every_database(
            "a_corrupt_entry_does_not_stop_a_migration",
            a_corrupt_entry_does_not_stop_a_migration,
        )
        .on_every_database("every_migration_can_be_taken_back", every_migration_can_be_taken_back)
        .on_postgres("both_databases_have_the_same_schema", both_databases_have_the_same_schema)
}

async fn a_database_is_ready_once_migrated(database: TestDatabase) {
    let store = billing_diesel::open(&url(&database)).unwrap();
    assert!(store.readiness().await.is_err());

    billing_diesel::migrate(&url(&database)).await.unwrap();
    store.readiness().await.unwrap();

    raw::execute(&database.url, "DELETE FROM __diesel_schema_migrations").await;
    let error = store.readiness().await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
}

async fn many_processes_may_migrate_at_once(database: TestDatabase) {
    let mut processes = JoinSet::new();
    for _ in 0..8 {
        let url = url(&database);
        processes.spawn(async move { billing_diesel::migrate(&url).await });
    }
    for result in processes.join_all().await {
        result.unwrap();
    }
    migrated(&database).await.readiness().await.unwrap();
}

macro_rules! migration {
    ($file:literal, $url:expr) => {
        if $url.starts_with("sqlite") {
            include_str!(concat!("../../../../migrations/sqlite/", $file))
        } else {
            include_str!(concat!("../../../../migrations/postgres/", $file))
        }
    };
}

async fn at_the_first_release(database: &TestDatabase) {
    let log = "CREATE TABLE __diesel_schema_migrations (
        version VARCHAR(50) PRIMARY KEY NOT NULL,
        run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
    )";
    raw::execute(&database.url, log).await;
    apply(database, "20261122000000", migration!("2026-11-22-000000_billing_gate/up.sql", database.url))
        .await;
}

pub(crate) async fn at_the_catalog_release(database: &TestDatabase) {
    at_the_first_release(database).await;
    apply(database, "20261122180000", migration!("2026-11-22-180000_catalog/up.sql", database.url)).await;
}

pub(crate) async fn at_the_sales_release(database: &TestDatabase) {
    at_the_catalog_release(database).await;
    apply(database, "20261129150000", migration!("2026-11-29-150000_work/up.sql", database.url)).await;
    apply(database, "20261129180000", migration!("2026-11-29-180000_audit_numbers/up.sql", database.url))
        .await;
    apply(database, "20261129210000", migration!("2026-11-29-210000_audit_filters/up.sql", database.url))
        .await;
    apply(database, "20261130100000", migration!("2026-11-30-100000_sales/up.sql", database.url)).await;
}

async fn apply(database: &TestDatabase, version: &str, migration: &str) {
    raw::execute(&database.url, migration).await;
    let applied = format!("INSERT INTO __diesel_schema_migrations (version) VALUES ('{version}')");
    raw::execute(&database.url, &applied).await;
}

const DATA_OF_THE_FIRST_RELEASE: &str = r#"
    INSERT INTO workspaces (workspace_id, state, gateway, enabled_at, version)
    VALUES ('ws_test', 'enabled', 'stripe_connect', '2026-11-22 12:34:56.789012+00:00', 1);
    INSERT INTO apps (workspace_id, app_id, name, created_at)
    VALUES ('ws_test', 'app_test', 'Demo app', '2026-11-22 12:34:56.789012+00:00');
    INSERT INTO audit_entries VALUES (
        'ws_test', 'audit_00000000000000000000000001', 'dashboard_user', 'owner', 'billing_switch', 'enabled',
        '{"state":"disabled"}',
        '{"state":"enabled","since":"2026-11-22T12:34:56.789012Z","gateway":"stripe_connect"}',
        '2026-11-22 12:34:56.789012+00:00'
    );"#;

async fn a_database_of_the_first_release_keeps_its_data(database: TestDatabase) {
    at_the_first_release(&database).await;
    raw::execute(&database.url, DATA_OF_THE_FIRST_RELEASE).await;

    let store = migrated(&database).await;

    store.readiness().await.unwrap();
    assert_eq!(store.switches().billing_switch(&workspace_id()).await.unwrap(), enabled());
    let name = DisplayName::parse("Demo app").unwrap();
    let app = App {
        details: AppDetails { name, allowed_redirect_origins: Vec::new() },
        environments: Vec::new(),
        ..test_app()
    };
    assert_eq!(store.apps().app(&workspace_id(), &app_id()).await.unwrap(), Some(app.clone()));
    assert_eq!(apps_of(&store, &workspace_id()).await, [app]);
    let [entry] = &store
        .audit_log()
        .audit_records(&workspace_id(), &AuditFilter::default(), Edge::Newest, 10)
        .await
        .unwrap()
        .unwrap()
        .items[..]
    else {
        panic!("there was one entry")
    };
    assert_eq!((entry.subject.as_str(), entry.event.as_str()), ("billing_switch", "enabled"));
    assert_eq!(entry.before, json!({ "state": "disabled" }));
    let since = "2026-11-22T12:34:56.789Z";
    assert_eq!(entry.after, json!({ "state": "enabled", "since": since, "gateway": "stripe_connect" }));
}

async fn a_corrupt_entry_does_not_stop_a_migration(database: TestDatabase) {
    at_the_catalog_release(&database).await;
    raw::execute(
        &database.url,
        "INSERT INTO workspaces (workspace_id, state, version) VALUES ('ws_test', 'disabled', 0)",
    )
    .await;
    let mut ids = (0..).map(AuditEntryId::from_uuid);
    for subject in ["billing_switch", "app", "plan", "price", "feature", "plan_feature"] {
        for state in ["", "{", "[1]", r#""a text""#, r#"{"id":null,"appId":null,"planId":{}}"#] {
            let id = ids.next().unwrap();
            let entry = format!(
                "INSERT INTO audit_entries VALUES ('ws_test', '{id}', 'dashboard_user', 'owner', '{subject}',
                'changed', '{state}', '{state}', '2026-11-22 12:34:56.789012+00:00')"
            );
            raw::execute(&database.url, &entry).await;
        }
    }

    let store = migrated(&database).await;

    store.readiness().await.unwrap();
    assert_eq!(
        raw::lines(&database.url, "SELECT app_id AS line FROM audit_entries WHERE app_id IS NOT NULL").await,
        [""; 0]
    );
}

async fn every_migration_can_be_taken_back(database: TestDatabase) {
    let columns = if database.url.starts_with("sqlite") { SQLITE_COLUMNS } else { POSTGRES_COLUMNS };
    at_the_first_release(&database).await;
    let before = raw::lines(&database.url, columns).await;
    migrated(&database).await;
    assert_ne!(raw::lines(&database.url, columns).await, before);

    raw::execute(&database.url, migration!("2026-12-01-140000_revenue/down.sql", database.url)).await;
    raw::execute(&database.url, migration!("2026-12-01-130000_lists/down.sql", database.url)).await;
    raw::execute(&database.url, migration!("2026-12-01-125000_timelines/down.sql", database.url)).await;
    raw::execute(&database.url, migration!("2026-11-30-230000_account_modes/down.sql", database.url)).await;
    raw::execute(&database.url, migration!("2026-11-30-220000_catalog_revisions/down.sql", database.url))
        .await;
    raw::execute(&database.url, migration!("2026-11-30-210000_paying_workspaces/down.sql", database.url))
        .await;
    raw::execute(&database.url, migration!("2026-11-30-200000_retention/down.sql", database.url)).await;
    raw::execute(&database.url, migration!("2026-11-30-100000_sales/down.sql", database.url)).await;
    raw::execute(&database.url, migration!("2026-11-30-000000_audit_actor_names/down.sql", database.url))
        .await;
    raw::execute(&database.url, migration!("2026-11-29-210000_audit_filters/down.sql", database.url)).await;
    raw::execute(&database.url, migration!("2026-11-29-180000_audit_numbers/down.sql", database.url)).await;
    raw::execute(&database.url, migration!("2026-11-29-150000_work/down.sql", database.url)).await;
    raw::execute(&database.url, migration!("2026-11-22-180000_catalog/down.sql", database.url)).await;

    assert_eq!(raw::lines(&database.url, columns).await, before);
}

const POSTGRES_COLUMNS: &str = "
    SELECT c.table_name || '.' || c.column_name || ' ' || c.is_nullable || ' key ' || COALESCE(k.ordinal_position, 0)
        AS line
    FROM information_schema.columns c
    LEFT JOIN information_schema.table_constraints t
        ON t.table_schema = 'public' AND t.table_name = c.table_name AND t.constraint_type = 'PRIMARY KEY'
    LEFT JOIN information_schema.key_column_usage k
        ON k.constraint_name = t.constraint_name AND k.column_name = c.column_name
    WHERE c.table_schema = 'public' AND c.table_name <> '__diesel_schema_migrations'";

const SQLITE_COLUMNS: &str = "
    SELECT m.name || '.' || c.name || ' ' || CASE c.\"notnull\" WHEN 1 THEN 'NO' ELSE 'YES' END || ' key ' || c.pk
        AS line
    FROM sqlite_schema m JOIN pragma_table_xinfo(m.name) c
    WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name <> '__diesel_schema_migrations'";

const POSTGRES_INDEXES: &str = "
    SELECT i.relname || CASE x.indisunique WHEN true THEN ' unique' ELSE '' END
        || CASE WHEN x.indpred IS NULL THEN '' ELSE ' partial' END AS line
    FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_namespace n ON n.oid = i.relnamespace
    WHERE n.nspname = 'public' AND NOT x.indisprimary";

const SQLITE_INDEXES: &str = "
    SELECT i.name || CASE i.\"unique\" WHEN 1 THEN ' unique' ELSE '' END
        || CASE i.partial WHEN 1 THEN ' partial' ELSE '' END AS line
    FROM sqlite_schema m JOIN pragma_index_list(m.name) i
    WHERE m.type = 'table' AND i.origin = 'c'";

const POSTGRES_FOREIGN_KEYS: &str = "
    SELECT DISTINCT c.conrelid::regclass || ' -> ' || c.confrelid::regclass AS line
    FROM pg_constraint c WHERE c.contype = 'f'";

const SQLITE_FOREIGN_KEYS: &str = "
    SELECT DISTINCT m.name || ' -> ' || f.\"table\" AS line
    FROM sqlite_schema m JOIN pragma_foreign_key_list(m.name) f
    WHERE m.type = 'table'";

async fn both_databases_have_the_same_schema(postgres: TestDatabase) {
    let sqlite = TestDatabase::sqlite();
    migrated(&postgres).await;
    migrated(&sqlite).await;
    for (in_postgres, in_sqlite) in [
        (POSTGRES_COLUMNS, SQLITE_COLUMNS),
        (POSTGRES_INDEXES, SQLITE_INDEXES),
        (POSTGRES_FOREIGN_KEYS, SQLITE_FOREIGN_KEYS),
    ] {
        let expected = raw::lines(&postgres.url, in_postgres).await;
        assert!(!expected.is_empty());
        assert_eq!(raw::lines(&sqlite.url, in_sqlite).await, expected);
    }
}
