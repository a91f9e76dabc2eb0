use std::future::poll_fn;
use std::mem;
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
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, Iter};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::AbortHandle;
use tokio_postgres::{Client, Connection, Error};

use super::bound::{BoundQuery, bound};
use super::failure;
use super::pipeline::{self, Answer, Message, Prepared};
use super::row::PgRow;

/// A connection to Postgres on which a prepared statement is kept only if asked for, and errors keep the class of their
/// SQLSTATE. `AsyncPgConnection` has neither: it names every statement, and a pooler may hand the name to a server
/// connection on which it is another's (ADR 0022).
pub(crate) struct PgConnection {
    client: Client,
    driver: AbortHandle,
    /// The reason for which the connection has ended.
    ended: Arc<OnceLock<String>>,
    /// `None`: each statement is sent with its SQL and has no name.
    prepared: Option<Prepared>,
    /// The statements that begin the transaction, until they are sent with its first read.
    beginning: &'static [&'static str],
    /// The longest wait for an answer.
    patience: Option<Duration>,
    unusable: bool,
    transactions: AnsiTransactionManager,
    instrumentation: Option<Box<dyn Instrumentation>>,
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
            beginning: &[],
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
        self.begin_now().await?;
        let messages = statements.iter().map(|statement| Message::Command(statement));
        self.send(messages).await.map(drop)
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
        self.change_depth(TransactionDepthChange::IncreaseDepth)
    }

    /// Begins a transaction with these statements. They are sent with its first read. Not with a write, which would take
    /// effect on its own if they failed.
    pub(super) fn begin_with_read(&mut self, statements: &'static [&'static str]) -> QueryResult<()> {
        let status = AnsiTransactionManager::transaction_manager_status_mut(self);
        if status.transaction_depth()?.is_some() {
            return Err(QueryError::AlreadyInTransaction);
        }
        self.change_depth(TransactionDepthChange::IncreaseDepth)?;
        self.beginning = statements;
        Ok(())
    }

    async fn begin_now(&mut self) -> QueryResult<()> {
        let beginning = mem::take(&mut self.beginning);
        if beginning.is_empty() {
            return Ok(());
        }
        self.send(beginning.iter().map(|statement| Message::Command(statement))).await.map(drop)
    }

    /// Runs queries one after the other, without waiting in between.
    pub(super) async fn load_each(&mut self, queries: Vec<BoundQuery>) -> QueryResult<Vec<Vec<PgRow>>> {
        let queries = self.messages(queries).await?;
        let beginning = mem::take(&mut self.beginning).iter().map(|statement| Message::Command(statement));
        let begun = beginning.len();
        let answers = self.send(beginning.chain(queries)).await?;
        let rows = answers.into_iter().skip(begun).map(|answer| answer.rows);
        Ok(rows.map(|rows| rows.into_iter().map(PgRow::new).collect()).collect())
    }

    /// Ends a transaction with these writes and `COMMIT`, without waiting in between. Where one of them fails, the server
    /// takes the `COMMIT` for a `ROLLBACK`.
    pub(super) async fn commit_with(&mut self, writes: Vec<BoundQuery>) -> QueryResult<()> {
        let status = AnsiTransactionManager::transaction_manager_status_mut(self);
        if status.transaction_depth()?.is_none() {
            return Err(QueryError::NotInTransaction);
        }
        self.begin_now().await?;
        let writes = self.messages(writes).await?;
        // Without an answer it may have ended, or not.
        let was_unusable = mem::replace(&mut self.unusable, true);
        self.send(writes.into_iter().chain([Message::Command("COMMIT")])).await?;
        self.unusable = was_unusable;
        self.change_depth(TransactionDepthChange::DecreaseDepth)
    }

    fn change_depth(&mut self, change: TransactionDepthChange) -> QueryResult<()> {
        match AnsiTransactionManager::transaction_manager_status_mut(self) {
            TransactionManagerStatus::Valid(status) => status.change_transaction_depth(change),
            TransactionManagerStatus::InError => Err(QueryError::BrokenTransactionManager),
        }
    }

    async fn ask(&mut self, query: QueryResult<BoundQuery>) -> QueryResult<Answer> {
        let query = query?;
        self.begin_now().await?;
        let asked = async {
            let message = pipeline::message(&self.client, self.prepared.as_mut(), query).await?;
            pipeline::answer(&self.client, message).await
        };
        let answered = in_time(self.patience, asked).await;
        self.settle(answered)
    }

    async fn messages(&mut self, queries: Vec<BoundQuery>) -> QueryResult<Vec<Message<'static>>> {
        let mut messages = Vec::with_capacity(queries.len());
        for query in queries {
            let prepared = pipeline::message(&self.client, self.prepared.as_mut(), query);
            let answered = in_time(self.patience, prepared).await;
            messages.push(self.settle(answered)?);
        }
        Ok(messages)
    }

    async fn send(&mut self, messages: impl Iterator<Item = Message<'_>>) -> QueryResult<Vec<Answer>> {
        let answered = in_time(self.patience, pipeline::answers(&self.client, messages)).await;
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

impl Drop for PgConnection {
    /// Closes the connection at once, whatever is still waited for: an open transaction ends with it.
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl SimpleAsyncConnection for PgConnection {
    async fn batch_execute(&mut self, sql: &str) -> QueryResult<()> {
        self.begin_now().await?;
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
            _ => Some(Prepared::new()),
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
