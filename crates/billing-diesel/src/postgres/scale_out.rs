use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use diesel_async::{AnsiTransactionManager, RunQueryDsl, SimpleAsyncConnection, TransactionManager};

use super::connection::PgConnection;
use super::dialect::{Connector, begin_migration};
use crate::{ConnectError, MigrationStep, ScaleOut};

/// The tables that are distributed by `workspace_id`, parents before what refers to them.
const DISTRIBUTED: [&str; 23] = [
    "workspaces",
    "apps",
    "environments",
    "plans",
    "prices",
    "features",
    "plan_features",
    "checkout_intents",
    "subscriptions",
    "revenue_changes",
    "revenue_totals",
    "drifts",
    "workspace_subscriptions",
    "invoices",
    "sale_counts",
    "trials",
    "gateway_accounts",
    "gateway_calls",
    "gateway_links",
    "stripe_events",
    "audit_entries",
    "answered_requests",
    "work",
];

/// The tables of which every node has a copy: the migrations' log, and the directories, in which a workspace is found by
/// something else.
const REFERENCE: [&str; 4] =
    ["__diesel_schema_migrations", "customer_directory", "account_directory", "unplaced_events"];

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Bool)]
    answer: bool,
}

async fn is_so(conn: &mut PgConnection, sql: &str) -> QueryResult<bool> {
    let answer: Answer = diesel::sql_query(sql).get_result(conn).await?;
    Ok(answer.answer)
}

async fn has_citus(conn: &mut PgConnection) -> QueryResult<bool> {
    is_so(conn, "SELECT to_regclass('pg_dist_partition') IS NOT NULL AS answer").await
}

/// Whether the table is distributed, or a reference table. A table that Citus merely manages is neither.
async fn is_placed(conn: &mut PgConnection, table: &str) -> QueryResult<bool> {
    let placed: Answer = diesel::sql_query(
        "SELECT EXISTS (
             SELECT 1 FROM pg_dist_partition
             WHERE logicalrelid = to_regclass($1) AND (partmethod = 'h' OR (partmethod = 'n' AND repmodel = 't'))
         ) AS answer",
    )
    .bind::<Text, _>(table)
    .get_result(conn)
    .await?;
    Ok(placed.answer)
}

/// Distributes every table that is not distributed yet. May be repeated: what an earlier run has done stays.
pub(super) async fn distribute(
    connector: &Connector,
    at: impl Fn(MigrationStep) + Send + Sync,
) -> Result<ScaleOut, ConnectError> {
    // Holds the lock of the migrations. The tables are distributed in transactions of their own.
    let mut alone = begin_migration(connector, &at).await?;
    at(MigrationStep::Distributing);
    let mut conn = connector.connect(None).await.map_err(|error| ConnectError::Connect(Box::new(error)))?;
    let distributed = distribute_missing(&mut conn).await.map_err(failed)?;
    AnsiTransactionManager::commit_transaction(&mut alone).await.map_err(failed)?;
    Ok(distributed)
}

/// Distributes the tables that a migration has added, if the others are distributed.
pub(super) async fn keep_up(
    connector: &Connector,
    conn: &mut PgConnection,
    at: impl Fn(MigrationStep) + Send + Sync,
) -> Result<(), ConnectError> {
    let scaled_out = async { Ok(has_citus(conn).await? && is_placed(conn, DISTRIBUTED[0]).await?) };
    if scaled_out.await.map_err(failed)? {
        distribute(connector, at).await?;
    }
    Ok(())
}

async fn distribute_missing(conn: &mut PgConnection) -> QueryResult<ScaleOut> {
    if !has_citus(conn).await? {
        return Ok(ScaleOut::NoCitus);
    }
    let mut done = Vec::new();
    for table in DISTRIBUTED.iter().chain(&REFERENCE).copied() {
        if is_placed(conn, table).await? {
            continue;
        }
        let place = if REFERENCE.contains(&table) {
            format!("SELECT create_reference_table('{table}')")
        } else if table == DISTRIBUTED[0] {
            format!("SELECT create_distributed_table('{table}', 'workspace_id')")
        } else {
            let parent = DISTRIBUTED[0];
            format!("SELECT create_distributed_table('{table}', 'workspace_id', colocate_with => '{parent}')")
        };
        conn.batch_execute(&place).await?;
        tracing::info!(table, "the table is distributed");
        done.push(table);
    }
    Ok(ScaleOut::Distributed(done))
}

fn failed(error: diesel::result::Error) -> ConnectError {
    ConnectError::ScaleOut(Box::new(error))
}
