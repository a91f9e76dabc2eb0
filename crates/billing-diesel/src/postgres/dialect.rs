use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use billing_domain::WorkspaceId;
use billing_domain::ports::error_chain;
use deadpool::Runtime;
use diesel::connection::CacheSize;
use diesel::deserialize::FromSqlRow;
use diesel::dsl::{self, Escape, ILike};
use diesel::prelude::*;
use diesel::result::{ConnectionError, Error as DieselError};
use diesel::sql_types::{Array, Text};
use diesel_async::pooled_connection::deadpool::{Object, Pool};
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod};
use diesel_async::{
    AnsiTransactionManager, AsyncConnection, AsyncMigrationHarness, RunQueryDsl, SimpleAsyncConnection,
    TransactionManager,
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness};
use futures_util::FutureExt;
use tokio_postgres::config::SslMode;
use tokio_postgres::{Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::backend;
use super::bound::bound;
use super::connection::PgConnection;
use super::failure;
use super::queries::condition::{Column, Condition};
use super::queries::rows::{Found, Lookup};
use super::queries::schema::workspaces;
use super::queries::{Connections, DieselBillingStore, WorkspaceRow};
use super::row::PgRow;
use super::scale_out::{distribute, keep_up};
use crate::bulkhead::{Bulkhead, Shares};
use crate::catalogs::Catalogs;
use crate::{ConnectError, MigrationStep, ScaleOut, migrations};

pub(super) use super::batch::Batch;
pub(super) use diesel::sql_types::Timestamptz as UtcTime;

pub(super) type Conn = PgConnection;
pub(super) type Backend = diesel::pg::Pg;

pub(super) const MIGRATIONS: EmbeddedMigrations = migrations::POSTGRES;

/// Per store. Each worker thread of the API has a store of its own.
const READERS: Shares = Shares { per_workspace: 3, service: 1, ordinary: 4, slow: 1 };
/// The changes of a workspace wait for each other in any case. A batch of webhooks that waits for a row does not hold up
/// the next.
const WRITERS: Shares = Shares { per_workspace: 1, service: 4, ordinary: 12, slow: 6 };
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const DEAD_PEER_TIMEOUT: Duration = Duration::from_secs(15);

/// The time limit for the answer to a statement: above `statement_timeout`, with which the server answers in time.
const PATIENCE: Duration = Duration::from_secs(12);

/// No query of ours takes seconds; one that does is stuck and must release its locks. Each finds its rows by key: with
/// the default costs, made for disks that turn, a page's features are joined by reading all features of the table. Only
/// where no pooler is in between: that would hand the session to somebody else.
const SESSION: &str = "SET statement_timeout = '10s'; SET lock_timeout = '5s'; SET random_page_cost = 1.1;";

/// Reads behind a lock must see what the lock protects: stricter levels read a snapshot from before the wait.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";
const LOCK_LIMIT: &str = "SET LOCAL lock_timeout = '5s'";

/// A transaction with its limits, which reach the workers of a Citus cluster too. A message each: Citus forwards the whole
/// message in which it finds one.
const BEGIN_WRITE: [&str; 5] = [
    BEGIN,
    "SET LOCAL citus.propagate_set_commands = 'local'",
    "SET LOCAL statement_timeout = '10s'",
    LOCK_LIMIT,
    "SET LOCAL idle_in_transaction_session_timeout = '15s'",
];

/// Other replicas wait for the one that migrates, and large tables take their time.
const MIGRATION_LIMITS: [&str; 3] = [
    "SET LOCAL lock_timeout = 0",
    "SET LOCAL statement_timeout = 0",
    "SET LOCAL idle_in_transaction_session_timeout = 0",
];

/// An arbitrary number that nobody else locks in the same database.
const MIGRATION_LOCK: &str = "SELECT pg_advisory_xact_lock(7011702460420)";

pub(super) async fn begin_write(conn: &mut Conn) -> QueryResult<()> {
    conn.begin_each(&BEGIN_WRITE).await
}

/// Begins a transaction that reads before it writes: the first read travels with it.
pub(super) async fn begin_with_read(conn: &mut Conn) -> QueryResult<()> {
    ready(conn.begin_with_read(&BEGIN_WRITE)).await
}

/// The answer to `needed`, and the one to `ahead`, which needs no wait of its own.
pub(super) async fn read_ahead<const N: usize>(
    conn: &mut Conn,
    needed: &Lookup<'_, N>,
    ahead: &Lookup<'_, N>,
) -> QueryResult<(Vec<Found>, Option<Vec<Found>>)> {
    let mut queries = needed.parts().map(|part| bound(&part)).collect::<QueryResult<Vec<_>>>()?;
    let number = queries.len();
    for part in ahead.parts() {
        queries.push(bound(&part)?);
    }
    let mut answers = conn.load_each(queries).await?;
    let ahead = answers.split_off(number);
    Ok((found(&answers)?, Some(found(&ahead)?)))
}

fn found(answers: &[Vec<PgRow>]) -> QueryResult<Vec<Found>> {
    let read = <Found as FromSqlRow<(Text, Text, Text), Backend>>::build_from_row;
    answers.iter().flatten().map(|row| read(row).map_err(DieselError::DeserializationError)).collect()
}

/// `None` if there is no row or another transaction has locked it. The wait for that one is ours, without a connection.
/// The lock lets others refer to the row: the work of a webhook does, whoever holds the workspace.
pub(super) async fn lock_workspace_row(
    conn: &mut Conn,
    workspace: &WorkspaceId,
) -> QueryResult<Option<WorkspaceRow>> {
    workspaces::table
        .find(workspace.as_str())
        .select(WorkspaceRow::as_select())
        .for_no_key_update()
        .skip_locked()
        .get_result(conn)
        .await
        .optional()
}

/// Stands in the database's queue for the row for a moment, beside those who do not try but wait. `None` if the moment is
/// over; the transaction can only be ended then.
pub(super) async fn await_workspace_row(
    conn: &mut Conn,
    workspace: &WorkspaceId,
) -> QueryResult<Option<WorkspaceRow>> {
    conn.execute_each(&["SET LOCAL lock_timeout = '200ms'"]).await?;
    let row = workspaces::table
        .find(workspace.as_str())
        .select(WorkspaceRow::as_select())
        .for_no_key_update()
        .get_result(conn)
        .await
        .optional();
    match row {
        Err(error) if failure::is_lock_timeout(&error) => Ok(None),
        row => {
            conn.execute_each(&[LOCK_LIMIT]).await?;
            row
        }
    }
}

/// Whether the column is like the pattern, without regard to the case of ASCII letters.
pub(super) fn is_like<C>(column: C, pattern: String) -> Escape<ILike<InAscii<C>, String>>
where
    C: Expression<SqlType = Text>,
{
    InAscii::new(column).ilike(pattern).escape('\\')
}

diesel::postfix_operator!(InAscii, " COLLATE \"C\"", Text, backend: Backend);

/// The id of a payer, byte by byte as its indexes have it.
pub(super) const PAYER_ID: Column =
    Column { indexed: "payer_id COLLATE \"C\"", hidden: "(payer_id || '') COLLATE \"C\"" };

/// Reads, and may scan a list: the server does.
pub(super) async fn scanning<T>(_is_scan: bool, reading: impl Future<Output = T>) -> T {
    reading.await
}

/// Closes the connection instead of returning it to its pool.
pub(super) fn close(conn: Object<Conn>) {
    drop(Object::take(conn));
}

/// Whether the column is one of the ids.
pub(super) fn one_of(column: &str, ids: impl Iterator<Item = String>) -> OneOf {
    let ids: Vec<String> = ids.collect();
    Condition::new(format!("{column} = ANY("), ids.into_sql::<Array<Text>>(), ")")
}

type OneOf = Condition<dsl::AsExprOf<Vec<String>, Array<Text>>>;

pub(crate) fn open(config: &Config, catalogs: Catalogs) -> Result<DieselBillingStore, ConnectError> {
    let connector = Arc::new(Connector::new(config)?);
    let (readers, writers) = (connections(&connector, READERS)?, connections(&connector, WRITERS)?);
    Ok(DieselBillingStore::new(readers, writers, catalogs))
}

fn connections(connector: &Arc<Connector>, shares: Shares) -> Result<Connections, ConnectError> {
    let connector = Arc::clone(connector);
    let mut manager = ManagerConfig::default();
    // A connection closed by the server is detected without a query.
    manager.recycling_method = RecyclingMethod::Fast;
    manager.custom_setup = Box::new(move |_| {
        let connector = Arc::clone(&connector);
        async move { connector.connect(Some(PATIENCE)).await }.boxed()
    });
    let manager = AsyncDieselConnectionManager::new_with_config(String::new(), manager);
    let pool = Pool::builder(manager)
        .max_size(shares.total())
        .runtime(Runtime::Tokio1)
        .create_timeout(Some(CONNECT_TIMEOUT))
        .build()
        .map_err(|error| ConnectError::Connect(Box::new(error)))?;
    Ok(Connections::new(pool, Bulkhead::new(shares)))
}

pub(crate) async fn migrate(
    config: &Config,
    at: impl Fn(MigrationStep) + Send + Sync,
) -> Result<(), ConnectError> {
    let connector = Connector::new(config)?;
    let mut conn = migrate_schema(&connector, &at).await?;
    keep_up(&connector, &mut conn, at).await
}

pub(crate) async fn scale_out(
    config: &Config,
    at: impl Fn(MigrationStep) + Send + Sync,
) -> Result<ScaleOut, ConnectError> {
    let connector = Connector::new(config)?;
    migrate_schema(&connector, &at).await?;
    distribute(&connector, at).await
}

async fn migrate_schema(
    connector: &Connector,
    at: impl Fn(MigrationStep) + Send + Sync,
) -> Result<Conn, ConnectError> {
    // One transaction around all migrations: the first process makes the others wait.
    let mut harness = AsyncMigrationHarness::new(begin_migration(connector, at).await?);
    harness.run_pending_migrations(MIGRATIONS).map_err(ConnectError::Migrate)?;
    let mut conn = harness.into_inner();
    AnsiTransactionManager::commit_transaction(&mut conn)
        .await
        .map_err(|error| ConnectError::Migrate(Box::new(error)))?;
    Ok(conn)
}

/// A transaction that no other process can be in: of migrations, or of the distribution of tables.
pub(super) async fn begin_migration(
    connector: &Connector,
    at: impl Fn(MigrationStep) + Send + Sync,
) -> Result<Conn, ConnectError> {
    let failed = |error: diesel::result::Error| ConnectError::Migrate(Box::new(error));
    at(MigrationStep::Connecting);
    let mut conn = connector.connect(None).await.map_err(|error| ConnectError::Connect(Box::new(error)))?;
    AnsiTransactionManager::begin_transaction_sql(&mut conn, BEGIN)
        .await
        .map_err(|error| ConnectError::NoTransactions(Box::new(error)))?;
    conn.execute_each(&MIGRATION_LIMITS).await.map_err(failed)?;
    at(MigrationStep::WaitingForLock);
    conn.batch_execute(MIGRATION_LOCK).await.map_err(failed)?;
    at(MigrationStep::Migrating);
    Ok(conn)
}

/// Unreadable certificates of the system are skipped; without any, no server could be trusted.
fn trusting_the_system() -> Result<MakeRustlsConnect, ConnectError> {
    let (tls, unreadable) = MakeRustlsConnect::with_native_certs().map_err(|errors| {
        let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
        ConnectError::Connect(errors.join("; ").into())
    })?;
    for error in unreadable {
        tracing::warn!(%error, "a system root certificate cannot be read");
    }
    Ok(tls)
}

pub(super) struct Connector {
    config: Config,
    /// Set when the URL requires encryption.
    tls: Option<MakeRustlsConnect>,
}

impl Connector {
    pub(super) fn new(config: &Config) -> Result<Self, ConnectError> {
        let mut config = config.clone();
        config.application_name("kolaylogin-billing");
        config.connect_timeout(CONNECT_TIMEOUT);
        // A dead host answers nothing, not even a reset.
        config.tcp_user_timeout(DEAD_PEER_TIMEOUT);
        config.keepalives_idle(Duration::from_secs(30)).keepalives_interval(Duration::from_secs(5));
        let tls = match config.get_ssl_mode() {
            SslMode::Require => Some(trusting_the_system()?),
            _ => None,
        };
        Ok(Self { config, tls })
    }

    /// A connection on which an answer takes no longer than `patience`; without it, as long as it takes.
    pub(super) async fn connect(&self, patience: Option<Duration>) -> ConnectionResult<Conn> {
        // The driver's own limit covers the TCP connection only; a stuck server accepts that and stays silent.
        let connected = tokio::time::timeout(CONNECT_TIMEOUT, self.connect_and_set_up(patience)).await;
        connected.unwrap_or_else(|_| {
            Err(ConnectionError::BadConnection("no answer to a new connection".to_owned()))
        })
    }

    async fn connect_and_set_up(&self, patience: Option<Duration>) -> ConnectionResult<Conn> {
        let bad = |error: tokio_postgres::Error| ConnectionError::BadConnection(error_chain(&error));
        let mut conn = if let Some(tls) = &self.tls {
            let (client, connection) = self.config.connect(tls.clone()).await.map_err(bad)?;
            Conn::new(client, connection, patience)
        } else {
            let (client, connection) = self.config.connect(NoTls).await.map_err(bad)?;
            Conn::new(client, connection, patience)
        };
        if backend::is_direct(conn.client()).await.map_err(bad)? {
            conn.set_prepared_statement_cache_size(CacheSize::Unbounded);
            if patience.is_some() {
                conn.batch_execute(SESSION).await.map_err(ConnectionError::CouldntSetupConfiguration)?;
            }
        }
        Ok(conn)
    }
}
