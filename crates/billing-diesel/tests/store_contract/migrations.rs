use billing_domain::ports::StoreError;
use billing_testing::{Suite, TestDatabase};
use tokio::task::JoinSet;

use crate::raw;
use crate::story::{migrated, url};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database("a_database_is_ready_once_migrated", a_database_is_ready_once_migrated)
        .on_every_database("many_processes_may_migrate_at_once", many_processes_may_migrate_at_once)
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
    FROM sqlite_schema m JOIN pragma_table_info(m.name) c
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
