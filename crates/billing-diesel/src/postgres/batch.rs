use std::future::{Ready, ready};

use diesel::QueryResult;
use diesel::pg::Pg;
use diesel::query_builder::QueryFragment;

use super::bound::{BoundQuery, bound};
use super::connection::PgConnection;

/// The last writes of a transaction. They are sent with its `COMMIT`, and wait for no answer in between.
pub(super) struct Batch(Vec<BoundQuery>);

impl Batch {
    pub(super) fn new() -> Self {
        Self(Vec::new())
    }

    pub(super) fn add(
        &mut self,
        _: &mut PgConnection,
        write: impl QueryFragment<Pg>,
    ) -> Ready<QueryResult<()>> {
        ready(bound(&write).map(|write| self.0.push(write)))
    }

    /// Commits the transaction. If a write fails nothing is committed, and the transaction is over.
    pub(super) async fn commit(self, conn: &mut PgConnection) -> QueryResult<()> {
        conn.commit_with(self.0).await
    }
}
