//! The distribution of the tables, with stand-ins for what Citus has: they record what they are asked for, and refuse
//! what Citus refuses.

use billing_diesel::{ConnectError, ScaleOut};
use billing_testing::{DIRECTORIES, Suite, TestDatabase};
use tokio::task::JoinSet;

use crate::raw;
use crate::story::{migrated, url};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_postgres("every_table_is_distributed_once", every_table_is_distributed_once)
        .on_postgres("a_scale_out_goes_on_where_one_ended", a_scale_out_goes_on_where_one_ended)
        .on_postgres("many_processes_may_scale_out_at_once", many_processes_may_scale_out_at_once)
        .on_postgres("migrations_keep_a_cluster_distributed", migrations_keep_a_cluster_distributed)
        .on_postgres("a_plain_postgres_is_left_as_it_is", a_plain_postgres_is_left_as_it_is)
        .on_sqlite("sqlite_cannot_be_scaled_out", sqlite_cannot_be_scaled_out)
}

const CITUS: &str = "
    CREATE TABLE pg_dist_partition (
        logicalrelid REGCLASS PRIMARY KEY, partmethod \"char\" NOT NULL, repmodel \"char\" NOT NULL, asked TEXT
    );
    CREATE FUNCTION create_distributed_table(
        table_name REGCLASS, distribution_column TEXT, distribution_type TEXT DEFAULT 'hash',
        colocate_with TEXT DEFAULT 'default'
    ) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (
            SELECT 1 FROM pg_constraint f
            WHERE f.contype = 'f' AND f.conrelid = table_name AND f.confrelid <> table_name
                AND NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = f.confrelid)
        ) THEN
            RAISE EXCEPTION 'referenced table must be a distributed table or a reference table';
        END IF;
        INSERT INTO pg_dist_partition
        VALUES (table_name, 'h', 's', distribution_column || ' with ' || colocate_with);
    END $$;
    CREATE FUNCTION create_reference_table(table_name REGCLASS) RETURNS void LANGUAGE sql AS $$
        INSERT INTO pg_dist_partition VALUES (table_name, 'n', 't', 'reference')
    $$;";

const PLACED: &str =
    "SELECT logicalrelid || ' ' || asked AS line FROM pg_dist_partition WHERE asked IS NOT NULL";

async fn on_citus(database: &TestDatabase) {
    migrated(database).await;
    raw::execute(&database.url, CITUS).await;
}

async fn distributed(database: &TestDatabase) -> Vec<&'static str> {
    match billing_diesel::scale_out(&url(database), |_| ()).await.unwrap() {
        ScaleOut::Distributed(tables) => tables,
        ScaleOut::NoCitus => panic!("Citus is not seen"),
    }
}

async fn every_table_is_distributed_once(database: TestDatabase) {
    on_citus(&database).await;
    let expected = format!(
        "SELECT relname || CASE
            WHEN relname IN ('{}') THEN ' reference'
            WHEN relname = 'workspaces' THEN ' workspace_id with default'
            ELSE ' workspace_id with workspaces'
        END AS line
        FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'pg_dist_partition'",
        DIRECTORIES.join("', '")
    );
    let expected = raw::lines(&database.url, &expected).await;

    assert_eq!(distributed(&database).await.len(), expected.len());
    assert_eq!(raw::lines(&database.url, PLACED).await, expected);
    assert!(distributed(&database).await.is_empty());
    assert_eq!(raw::lines(&database.url, PLACED).await, expected);
}

async fn a_scale_out_goes_on_where_one_ended(database: TestDatabase) {
    on_citus(&database).await;
    // A table that Citus manages without distributing it is not distributed yet.
    let ended = "
        SELECT create_distributed_table('workspaces', 'workspace_id');
        CREATE FUNCTION manage() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN DELETE FROM pg_dist_partition WHERE logicalrelid = NEW.logicalrelid; RETURN NEW; END $$;
        INSERT INTO pg_dist_partition VALUES ('apps', 'n', 's', NULL);
        CREATE TRIGGER manage BEFORE INSERT ON pg_dist_partition FOR EACH ROW EXECUTE FUNCTION manage();";
    raw::execute(&database.url, ended).await;

    let tables = distributed(&database).await;

    assert!(!tables.contains(&"workspaces") && tables.contains(&"apps"), "{tables:?}");
}

async fn many_processes_may_scale_out_at_once(database: TestDatabase) {
    on_citus(&database).await;
    let mut processes = JoinSet::new();
    for _ in 0..4 {
        let url = url(&database);
        processes.spawn(async move { billing_diesel::scale_out(&url, |_| ()).await.unwrap() });
    }
    let outcomes = processes.join_all().await;

    let nothing = ScaleOut::Distributed(Vec::new());
    assert_eq!(outcomes.iter().filter(|outcome| **outcome != nothing).count(), 1, "{outcomes:?}");
}

async fn migrations_keep_a_cluster_distributed(database: TestDatabase) {
    on_citus(&database).await;
    billing_diesel::migrate(&url(&database)).await.unwrap();
    assert_eq!(raw::lines(&database.url, PLACED).await, [""; 0], "it is for an operator to begin");

    distributed(&database).await;
    let all = raw::lines(&database.url, PLACED).await;
    // As if the last migration had just made it.
    raw::execute(&database.url, "DELETE FROM pg_dist_partition WHERE logicalrelid = 'work'::regclass").await;
    billing_diesel::migrate(&url(&database)).await.unwrap();

    assert_eq!(raw::lines(&database.url, PLACED).await, all);
}

async fn a_plain_postgres_is_left_as_it_is(database: TestDatabase) {
    assert_eq!(billing_diesel::scale_out(&url(&database), |_| ()).await.unwrap(), ScaleOut::NoCitus);
    migrated(&database).await.readiness().await.unwrap();
}

async fn sqlite_cannot_be_scaled_out(database: TestDatabase) {
    let error = billing_diesel::scale_out(&url(&database), |_| ()).await.unwrap_err();
    assert!(matches!(error, ConnectError::OneMachine), "{error:?}");
}
