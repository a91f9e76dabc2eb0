//! The numbers of an app's subscriptions and invoices, which are changed with each row in its transaction.

use billing_domain::ports::StoreError;
use billing_domain::{AppId, EnvironmentId, WorkspaceId};
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;

use super::dialect::{Backend, Conn};
use super::schema::sale_counts;
use crate::error::store_error;

#[derive(Clone, Copy)]
pub(super) enum Counted {
    Subscriptions,
    Invoices,
}

impl Counted {
    fn as_str(self) -> &'static str {
        match self {
            Self::Subscriptions => "subscription",
            Self::Invoices => "invoice",
        }
    }

    /// Counts all rows of a workspace.
    fn counting(self) -> &'static str {
        match self {
            Self::Subscriptions => {
                "INSERT INTO sale_counts (workspace_id, app_id, kind, environment_id, status, is_ending, number)
                SELECT workspace_id, app_id, 'subscription', environment_id, status, is_ending, COUNT(*)
                FROM subscriptions WHERE workspace_id = $1
                GROUP BY workspace_id, app_id, environment_id, status, is_ending"
            }
            Self::Invoices => {
                "INSERT INTO sale_counts (workspace_id, app_id, kind, environment_id, status, is_ending, number)
                SELECT workspace_id, app_id, 'invoice', environment_id, status, FALSE, COUNT(*)
                FROM invoices WHERE workspace_id = $1
                GROUP BY workspace_id, app_id, environment_id, status"
            }
        }
    }
}

/// What a row is counted as.
#[derive(PartialEq, Eq, Queryable)]
pub(super) struct CountedAs {
    pub(super) app_id: String,
    pub(super) environment_id: String,
    pub(super) status: String,
    pub(super) is_ending: bool,
}

/// The number of rows that are counted as the same.
#[derive(Queryable)]
pub(super) struct StatusCount {
    pub(super) status: String,
    pub(super) is_ending: bool,
    number: i64,
}

impl StatusCount {
    /// A number that is wrong, and is logged where it is read, is 0 until the rows are counted anew.
    pub(super) fn get(&self) -> u64 {
        self.number.max(0).unsigned_abs()
    }
}

/// The numbers of an app's rows, in the environment or in all.
pub(super) async fn read(
    conn: &mut Conn,
    workspace: &WorkspaceId,
    app: &AppId,
    kind: Counted,
    environment: Option<&EnvironmentId>,
) -> Result<Vec<StatusCount>, StoreError> {
    let mut numbers = sale_counts::table
        .filter(sale_counts::workspace_id.eq(workspace.as_str()))
        .filter(sale_counts::app_id.eq(app.as_str()))
        .filter(sale_counts::kind.eq(kind.as_str()))
        .select((sale_counts::status, sale_counts::is_ending, sale_counts::number))
        .into_boxed::<Backend>();
    if let Some(environment) = environment {
        numbers = numbers.filter(sale_counts::environment_id.eq(environment.as_str()));
    }
    let numbers: Vec<StatusCount> = numbers.load(conn).await.map_err(store_error)?;
    for wrong in numbers.iter().filter(|number| number.number < 0) {
        tracing::error!(
            workspace_id = %workspace,
            app_id = %app,
            kind = kind.as_str(),
            status = wrong.status,
            number = wrong.number,
            "a kept number of sales is wrong; the next reconciliation counts anew"
        );
    }
    Ok(numbers)
}

/// Counts the workspace's rows anew. It is locked, so that nothing happens to them meanwhile.
pub(super) async fn count_anew(
    conn: &mut Conn,
    workspace: &WorkspaceId,
    kind: Counted,
) -> Result<(), StoreError> {
    let kept = sale_counts::table
        .filter(sale_counts::workspace_id.eq(workspace.as_str()))
        .filter(sale_counts::kind.eq(kind.as_str()));
    diesel::delete(kept).execute(conn).await.map_err(store_error)?;
    diesel::sql_query(kind.counting())
        .bind::<Text, _>(workspace.as_str())
        .execute(conn)
        .await
        .map(drop)
        .map_err(store_error)
}

/// Counts a row that was counted as `before`, if at all, as `after`, if it is still there. The workspace is locked, so that
/// nothing happens to the row in between.
pub(super) async fn count(
    conn: &mut Conn,
    workspace: &WorkspaceId,
    kind: Counted,
    before: Option<CountedAs>,
    after: Option<CountedAs>,
) -> Result<(), StoreError> {
    if before == after {
        return Ok(());
    }
    for (counted, change) in
        before.map(|before| (before, -1)).into_iter().chain(after.map(|after| (after, 1)))
    {
        add(conn, workspace, kind, &counted, change).await.map_err(store_error)?;
    }
    Ok(())
}

async fn add(
    conn: &mut Conn,
    workspace: &WorkspaceId,
    kind: Counted,
    counted: &CountedAs,
    change: i64,
) -> QueryResult<usize> {
    diesel::insert_into(sale_counts::table)
        .values((
            sale_counts::workspace_id.eq(workspace.as_str()),
            sale_counts::app_id.eq(&counted.app_id),
            sale_counts::kind.eq(kind.as_str()),
            sale_counts::environment_id.eq(&counted.environment_id),
            sale_counts::status.eq(&counted.status),
            sale_counts::is_ending.eq(counted.is_ending),
            sale_counts::number.eq(change),
        ))
        .on_conflict((
            sale_counts::workspace_id,
            sale_counts::app_id,
            sale_counts::kind,
            sale_counts::environment_id,
            sale_counts::status,
            sale_counts::is_ending,
        ))
        .do_update()
        .set(sale_counts::number.eq(sale_counts::number + excluded(sale_counts::number)))
        .execute(conn)
        .await
}

/// Counts all rows of a workspace anew.
pub(super) async fn rebuild(conn: &mut Conn, workspace: &WorkspaceId) -> Result<(), StoreError> {
    diesel::delete(sale_counts::table.filter(sale_counts::workspace_id.eq(workspace.as_str())))
        .execute(&mut *conn)
        .await
        .map_err(store_error)?;
    for statement in [COUNT_SUBSCRIPTIONS, COUNT_INVOICES] {
        diesel::sql_query(statement)
            .bind::<Text, _>(workspace.as_str())
            .execute(&mut *conn)
            .await
            .map_err(store_error)?;
    }
    Ok(())
}

const COUNT_SUBSCRIPTIONS: &str = "
    INSERT INTO sale_counts (workspace_id, app_id, kind, environment_id, status, is_ending, number)
    SELECT workspace_id, app_id, 'subscription', environment_id, status, is_ending, COUNT(*)
    FROM subscriptions WHERE workspace_id = $1
    GROUP BY workspace_id, app_id, environment_id, status, is_ending";
const COUNT_INVOICES: &str = "
    INSERT INTO sale_counts (workspace_id, app_id, kind, environment_id, status, is_ending, number)
    SELECT workspace_id, app_id, 'invoice', environment_id, status, FALSE, COUNT(*)
    FROM invoices WHERE workspace_id = $1
    GROUP BY workspace_id, app_id, environment_id, status";
