use diesel::QueryResult;
use diesel::query_builder::{QueryFragment, QueryId};
use diesel::sqlite::Sqlite;
use diesel_async::{AsyncConnection, RunQueryDsl, TransactionManager};

use super::dialect::Conn;

/// The last writes of a transaction. Each runs when it is added: no answer travels.
pub(super) struct Batch;

impl Batch {
    pub(super) fn new() -> Self {
        Self
    }

    pub(super) async fn add(
        &mut self,
        conn: &mut Conn,
        write: impl QueryFragment<Sqlite> + QueryId + Send,
    ) -> QueryResult<()> {
        write.execute(conn).await.map(drop)
    }

    pub(super) async fn commit(self, conn: &mut Conn) -> QueryResult<()> {
        <Conn as AsyncConnection>::TransactionManager::commit_transaction(conn).await
    }
}
