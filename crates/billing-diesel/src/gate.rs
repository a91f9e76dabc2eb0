use std::fmt::Display;

use async_trait::async_trait;
use billing_domain::ports::BoxError;

/// A simulation's hold on one connection, with all its statements, `BEGIN` and `COMMIT` included. Dropped when the
/// connection is closed, which rolls back.
#[async_trait]
pub trait Gate: Send + Sync {
    /// Awaited before a statement runs. An error is a statement that never arrived.
    async fn before(&self) -> Result<(), BoxError>;

    /// Told what runs, while it does.
    fn runs(&self, what: Statement<'_>);

    /// Awaited after a statement ran. An error is an answer that was lost.
    async fn after(&self) -> Result<(), BoxError>;
}

/// A statement of a connection.
pub enum Statement<'a> {
    /// A transaction begins.
    Begin,
    /// A transaction is committed.
    Commit,
    /// A transaction is rolled back.
    Rollback,
    /// Any, those three included. Its text is made on request.
    Sql(&'a dyn Display),
}

/// The use of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionUse {
    /// Single reads, outside transactions.
    Reads,
    /// Transactions, and nothing outside of them.
    Writes,
}
