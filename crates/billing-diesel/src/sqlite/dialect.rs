use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use billing_domain::WorkspaceId;
use billing_domain::ports::BoxError;
use diesel::connection::{AnsiTransactionManager, SimpleConnection};
use diesel::dsl::{self, Escape, Like};
use diesel::prelude::*;
use diesel::result::ConnectionError;
use diesel::sql_types::Text;
use diesel_async::pooled_connection::deadpool::{Object, Pool};
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod};
use diesel_async::sync_connection_wrapper::SyncConnectionWrapper;
use diesel_async::{AsyncConnection, RunQueryDsl, SimpleAsyncConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness};
use futures_util::FutureExt;

use super::gated::{self, Gates};
use super::in_place::{self, InPlace};
use super::queries::condition::{Column, Condition};
use super::queries::rows::{Found, Lookup};
use super::queries::schema::workspaces;
use super::queries::{Connections, DieselBillingStore, WorkspaceRow};
use crate::bulkhead::{Bulkhead, Shares};
use crate::catalogs::Catalogs;
use crate::{ConnectError, ConnectionUse, MigrationStep, migrations};

pub(super) use super::batch::Batch;
pub(super) use diesel::sql_types::TimestamptzSqlite as UtcTime;

pub(super) type Conn = SyncConnectionWrapper<SqliteConnection, InPlace>;
pub(super) type Backend = diesel::sqlite::Sqlite;

pub(super) const MIGRATIONS: EmbeddedMigrations = migrations::SQLITE;

const READERS: Shares = Shares { per_workspace: 3, service: 1, ordinary: 4, slow: 0 };
/// In a simulation a connection costs more than a wait.
const GATED_READERS: Shares = Shares { per_workspace: 1, service: 1, ordinary: 2, slow: 0 };
/// SQLite has one writer at a time. With one connection the writers of this process queue instead of spinning on the
/// busy handler.
const WRITERS: Shares = Shares { per_workspace: 1, service: 1, ordinary: 1, slow: 0 };

/// `synchronous=FULL` makes a commit survive a power cut. The cache, of 8 MB, has room for the 10,000 plans that a search
/// reads.
const SESSION: &str = "
    PRAGMA busy_timeout = 5000;
    PRAGMA synchronous = FULL;
    PRAGMA cache_size = -8000;
    PRAGMA foreign_keys = ON;";

/// A persistent property of the file. Readers and the writer do not wait for each other.
const WRITE_AHEAD_LOG: &str = "PRAGMA journal_mode = WAL;";

/// Closes the connection instead of returning it to its pool. One of a simulation is rolled back and returned.
pub(super) fn close(mut conn: Object<Conn>) {
    if !gated::roll_back(&mut conn) {
        drop(Object::take(conn));
    }
}

/// Takes the write lock at once. A deferred transaction that reads and then writes fails if another one wrote in
/// between.
pub(super) async fn begin_write(conn: &mut Conn) -> QueryResult<()> {
    conn.spawn_blocking(|conn| AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN IMMEDIATE")).await
}

/// Nothing travels.
pub(super) use begin_write as begin_with_read;

/// The answer to `needed` alone: a read that nobody needs takes more than it saves.
pub(super) async fn read_ahead<const N: usize>(
    conn: &mut Conn,
    needed: &Lookup<'_, N>,
    _ahead: &Lookup<'_, N>,
) -> QueryResult<(Vec<Found>, Option<Vec<Found>>)> {
    let mut found = Vec::new();
    for part in needed.parts() {
        found.extend(part.load(conn).await?);
    }
    Ok((found, None))
}

/// The write transaction has locked the whole database.
pub(super) async fn lock_workspace_row(
    conn: &mut Conn,
    workspace: &WorkspaceId,
) -> QueryResult<Option<WorkspaceRow>> {
    workspaces::table
        .find(workspace.as_str())
        .select(WorkspaceRow::as_select())
        .get_result(conn)
        .await
        .optional()
}

/// No other transaction can have locked it.
pub(super) use lock_workspace_row as await_workspace_row;

/// Whether the column is like the pattern, without regard to the case of ASCII letters.
pub(super) fn is_like<C>(column: C, pattern: String) -> Escape<Like<C, String>>
where
    C: TextExpressionMethods + Expression<SqlType = Text>,
{
    column.like(pattern).escape('\\')
}

/// The id of a payer.
pub(super) const PAYER_ID: Column = Column { indexed: "payer_id", hidden: "payer_id || ''" };

/// Reads, and may scan a list.
pub(super) async fn scanning<T>(is_scan: bool, reading: impl Future<Output = T>) -> T {
    if is_scan { in_place::scanning(reading).await } else { reading.await }
}

/// Whether the column is one of the ids. They are one bound value: a statement with a parameter each is prepared anew
/// each time.
pub(super) fn one_of(column: &str, ids: impl Iterator<Item = String>) -> OneOf {
    let ids: serde_json::Value = ids.collect();
    let before = format!("{column} IN (SELECT value FROM json_each(");
    Condition::new(before, ids.to_string().into_sql::<Text>(), "))")
}

type OneOf = Condition<dsl::AsExprOf<String, Text>>;

pub(crate) fn open(path: &Path, catalogs: Catalogs) -> Result<DieselBillingStore, ConnectError> {
    open_with(path, None, catalogs)
}

/// Opens the store, with gates before its connections if there are any.
pub(super) fn open_with(
    path: &Path,
    gates: Option<&Gates>,
    catalogs: Catalogs,
) -> Result<DieselBillingStore, ConnectError> {
    let of = |usage| gates.map(|gates| (Arc::clone(gates), usage));
    let shares = if gates.is_some() { GATED_READERS } else { READERS };
    let readers = connections(path, shares, of(ConnectionUse::Reads))?;
    let writers = connections(path, WRITERS, of(ConnectionUse::Writes))?;
    Ok(DieselBillingStore::new(readers, writers, catalogs))
}

fn connections(
    path: &Path,
    shares: Shares,
    gated: Option<(Gates, ConnectionUse)>,
) -> Result<Connections, ConnectError> {
    let mut manager = ManagerConfig::default();
    manager.recycling_method = RecyclingMethod::Fast;
    manager.custom_setup = Box::new(move |path| {
        let (path, gate) = (path.to_owned(), gated.as_ref().map(|(gates, usage)| gates(*usage)));
        async move {
            if let Some(gate) = gate {
                return gated::connect(&path, gate);
            }
            let mut conn = Conn::establish(&path).await?;
            conn.batch_execute(SESSION).await.map_err(ConnectionError::CouldntSetupConfiguration)?;
            Ok(conn)
        }
        .boxed()
    });
    let manager = AsyncDieselConnectionManager::new_with_config(path.to_string_lossy(), manager);
    let pool = Pool::builder(manager)
        .max_size(shares.total())
        .build()
        .map_err(|error| ConnectError::Connect(Box::new(error)))?;
    Ok(Connections::new(pool, Bulkhead::new(shares)))
}

pub(crate) async fn migrate(
    path: &Path,
    at: impl Fn(MigrationStep) + Send + 'static,
) -> Result<(), ConnectError> {
    let path = path.to_owned();
    tokio::task::spawn_blocking(move || migrate_blocking(&path, at))
        .await
        .map_err(|error| ConnectError::Migrate(Box::new(error)))?
}

fn migrate_blocking(path: &Path, at: impl Fn(MigrationStep)) -> Result<(), ConnectError> {
    at(MigrationStep::Connecting);
    let connect = |error: BoxError| ConnectError::Connect(error);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(|error| connect(error.into()))?;
    // Changing the journal mode needs exclusive access, for which SQLite does not wait. Held until the end.
    at(MigrationStep::WaitingForLock);
    let lock = File::open(folder).map_err(|error| connect(error.into()))?;
    lock.lock().map_err(|error| connect(error.into()))?;

    let mut conn =
        SqliteConnection::establish(&path.to_string_lossy()).map_err(|error| connect(error.into()))?;
    conn.batch_execute(SESSION).map_err(|error| connect(error.into()))?;
    conn.batch_execute(WRITE_AHEAD_LOG).map_err(|error| connect(error.into()))?;
    // One transaction around all migrations: the first process makes the others wait.
    at(MigrationStep::Migrating);
    conn.exclusive_transaction(|conn| conn.run_pending_migrations(MIGRATIONS).map(drop))
        .map_err(ConnectError::Migrate)
}
