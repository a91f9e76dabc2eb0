use std::collections::HashMap;
use std::future::poll_fn;
use std::mem;
use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use billing_domain::ports::error_chain;
use diesel::connection::{
    CacheSize, Instrumentation, TransactionDepthChange, TransactionManagerStatus, get_default_instrumentation,
};
use diesel::pg::Pg;
use diesel::query_builder::{AsQuery, QueryFragment, QueryId};
use diesel::result::Error as QueryError;
use diesel::{ConnectionError, ConnectionResult, QueryResult};
use diesel_async::pooled_connection::PoolableConnection;
use diesel_async::{
    AnsiTransactionManager, AsyncConnection, AsyncConnectionCore, SimpleAsyncConnection, TransactionManager,
};
use futures_util::future::BoxFuture;
use futures_util::stream::{self, Iter};
use futures_util::{FutureExt, TryStreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::AbortHandle;
use tokio_postgres::{Client, Connection, Error, Statement};

use super::bound::{BoundQuery, bound};
use super::failure;
use super::row::PgRow;

/// A connection to Postgres on which a prepared statement is kept only if asked for, and errors keep the class of their
/// SQLSTATE. `AsyncPgConnection` has neither: it names every statement, and a pooler may hand the name to a server
/// connection on which it is another's (ADR 0022).
pub(crate) struct PgConnection {
    client: Client,
    driver: AbortHandle,
    /// The reason for which the connection has ended.
    ended: Arc<OnceLock<String>>,
    /// By their SQL. `None`: each statement is sent with its SQL and has no name.
    prepared: Option<HashMap<String, Statement>>,
    /// The longest wait for an answer.
    patience: Option<Duration>,
    unusable: bool,
    transactions: AnsiTransactionManager,
    instrumentation: Option<Box<dyn Instrumentation>>,
}

struct Answer {
    rows: Vec<tokio_postgres::Row>,
    affected: u64,
}

impl PgConnection {
    /// Drives the connection until it ends or is dropped. Prepares no statements.
    pub(super) fn new<S, T>(
        client: Client,
        mut connection: Connection<S, T>,
        patience: Option<Duration>,
    ) -> Self
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let ended = Arc::new(OnceLock::new());
        let reason = Arc::clone(&ended);
        let driver = tokio::spawn(async move {
            // Notices are not for us.
            let ended = loop {
                match poll_fn(|context| connection.poll_message(context)).await {
                    Some(Ok(_)) => {}
                    Some(Err(error)) => break Some(error),
                    None => break None,
                }
            };
            if let Some(error) = ended {
                // Set before the connection is dropped, which fails the statements that wait.
                let _ = reason.set(error_chain(&error));
            }
        });
        Self {
            client,
            driver: driver.abort_handle(),
            ended,
            prepared: None,
            patience,
            unusable: false,
            transactions: AnsiTransactionManager::default(),
            instrumentation: get_default_instrumentation(),
        }
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// Runs statements one after the other, each as a message of its own, without waiting in between.
    pub(super) async fn execute_each(&mut self, statements: &[&str]) -> QueryResult<()> {
        let client = &self.client;
        let all = statements.iter().map(|statement| client.batch_execute(statement));
        let asked = futures_util::future::try_join_all(all).map(|done| done.map(drop));
        let answered = in_time(self.patience, asked).await;
        self.settle(answered)
    }

    /// Begins a transaction with these statements, in the same way.
    pub(super) async fn begin_each(&mut self, statements: &[&str]) -> QueryResult<()> {
        if AnsiTransactionManager::transaction_manager_status_mut(self).transaction_depth()?.is_some() {
            return Err(QueryError::AlreadyInTransaction);
        }
        // After an error, or without an answer, it may have begun.
        let was_unusable = mem::replace(&mut self.unusable, true);
        self.execute_each(statements).await?;
        self.unusable = was_unusable;
        match AnsiTransactionManager::transaction_manager_status_mut(self) {
            TransactionManagerStatus::Valid(status) => {
                status.change_transaction_depth(TransactionDepthChange::IncreaseDepth)
            }
            TransactionManagerStatus::InError => Err(QueryError::BrokenTransactionManager),
        }
    }

    async fn ask(&mut self, query: QueryResult<BoundQuery>) -> QueryResult<Answer> {
        let asked = ask(&self.client, self.prepared.as_mut(), query?);
        let answered = in_time(self.patience, asked).await;
        self.settle(answered)
    }

    fn settle<T>(&mut self, answered: Option<Result<T, Error>>) -> QueryResult<T> {
        match answered {
            Some(Ok(answer)) => Ok(answer),
            Some(Err(error)) => {
                self.unusable |= failure::ends_connection(&error);
                Err(failure::failed(&error, self.ended.get().map(String::as_str)))
            }
            None => {
                self.unusable = true;
                Err(failure::unanswered())
            }
        }
    }
}

/// `None` when the time is over.
async fn in_time<T>(patience: Option<Duration>, asked: impl Future<Output = T>) -> Option<T> {
    match patience {
        Some(patience) => tokio::time::timeout(patience, asked).await.ok(),
        None => Some(asked.await),
    }
}

async fn ask(
    client: &Client,
    prepared: Option<&mut HashMap<String, Statement>>,
    query: BoundQuery,
) -> Result<Answer, Error> {
    let answered = match prepared {
        Some(prepared) if query.can_be_kept => {
            let statement = if let Some(statement) = prepared.get(&query.sql) {
                statement.clone()
            } else {
                let types: Vec<_> = query.parameters.iter().map(|(_, of)| of.clone()).collect();
                let statement = client.prepare_typed(&query.sql, &types).await?;
                prepared.entry(query.sql).or_insert(statement).clone()
            };
            client.query_raw(&statement, query.parameters.into_iter().map(|(value, _)| value)).await?
        }
        _ => client.query_typed_raw(&query.sql, query.parameters).await?,
    };
    let mut answered = pin!(answered);
    let mut rows = Vec::new();
    while let Some(row) = answered.try_next().await? {
        rows.push(row);
    }
    Ok(Answer { rows, affected: answered.rows_affected().unwrap_or_default() })
}

impl Drop for PgConnection {
    /// Closes the connection at once, whatever is still waited for: an open transaction ends with it.
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl SimpleAsyncConnection for PgConnection {
    async fn batch_execute(&mut self, sql: &str) -> QueryResult<()> {
        let answered = in_time(self.patience, self.client.batch_execute(sql)).await;
        self.settle(answered)
    }
}

impl AsyncConnectionCore for PgConnection {
    type ExecuteFuture<'conn, 'query> = BoxFuture<'conn, QueryResult<usize>>;
    type LoadFuture<'conn, 'query> = BoxFuture<'conn, QueryResult<Self::Stream<'conn, 'query>>>;
    type Stream<'conn, 'query> = Iter<std::vec::IntoIter<QueryResult<PgRow>>>;
    type Row<'conn, 'query> = PgRow;
    type Backend = Pg;

    fn load<'conn, 'query, T>(&'conn mut self, source: T) -> Self::LoadFuture<'conn, 'query>
    where
        T: AsQuery + 'query,
        T::Query: QueryFragment<Pg> + QueryId + 'query,
    {
        let query = bound(&source.as_query());
        async move {
            let rows = self.ask(query).await?.rows;
            let rows: Vec<_> = rows.into_iter().map(|row| Ok(PgRow::new(row))).collect();
            Ok(stream::iter(rows))
        }
        .boxed()
    }

    fn execute_returning_count<'conn, 'query, T>(
        &'conn mut self,
        source: T,
    ) -> Self::ExecuteFuture<'conn, 'query>
    where
        T: QueryFragment<Pg> + QueryId + 'query,
    {
        let query = bound(&source);
        async move { Ok(usize::try_from(self.ask(query).await?.affected).unwrap_or(usize::MAX)) }.boxed()
    }
}

impl AsyncConnection for PgConnection {
    type TransactionManager = AnsiTransactionManager;

    async fn establish(_: &str) -> ConnectionResult<Self> {
        Err(ConnectionError::BadConnection("a connector makes the connections".to_owned()))
    }

    fn transaction_state(&mut self) -> &mut AnsiTransactionManager {
        &mut self.transactions
    }

    fn instrumentation(&mut self) -> &mut dyn Instrumentation {
        &mut self.instrumentation
    }

    fn set_instrumentation(&mut self, instrumentation: impl Instrumentation) {
        self.instrumentation = Some(Box::new(instrumentation));
    }

    fn set_prepared_statement_cache_size(&mut self, size: CacheSize) {
        self.prepared = match size {
            CacheSize::Disabled => None,
            _ => Some(HashMap::new()),
        };
    }
}

impl PoolableConnection for PgConnection {
    fn is_broken(&mut self) -> bool {
        self.unusable
            || self.client.is_closed()
            || AnsiTransactionManager::is_broken_transaction_manager(self)
    }
}
