use billing_domain::ports::{BoxError, StoreError};
use deadpool::managed::PoolError;
use diesel::result::{DatabaseErrorKind, Error as DieselError};

/// A failure to use the database at all.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The URL is malformed.
    #[error("the database URL cannot be used: {0}")]
    Url(String),
    /// The database cannot be reached or set up.
    #[error("the database cannot be reached")]
    Connect(#[source] BoxError),
    /// The database, or a pooler before it, refuses a transaction.
    #[error(
        "no transaction can begin; if a connection pooler is in between, it must keep a transaction on one connection \
         to the server, as PgBouncer does with pool_mode=transaction or pool_mode=session"
    )]
    NoTransactions(#[source] BoxError),
    /// A migration failed. None was applied.
    #[error("the database cannot be migrated")]
    Migrate(#[source] BoxError),
    /// A table cannot be distributed. The tables before it stay distributed.
    #[error("the tables cannot be distributed")]
    ScaleOut(#[source] BoxError),
    /// The database is SQLite.
    #[error("SQLite runs on one machine; only Postgres with the extension citus can be scaled out")]
    OneMachine,
}

/// Messages of transient failures of SQLite, for which Diesel has no kind: the busy timeout, the disk, a missing
/// migration. Diesel keeps no code of SQLite's; its messages are in English always.
const PASSING_FAILURES_OF_SQLITE: [&str; 6] = [
    "database is locked",
    "database table is locked",
    "disk I/O error",
    "unable to open database file",
    "database or disk is full",
    "no such table",
];

/// Of Postgres the kind tells everything (`postgres/failure.rs`): its messages are in the server's language.
pub(crate) fn store_error(error: DieselError) -> StoreError {
    let DieselError::DatabaseError(kind, information) = &error else {
        return match error {
            DieselError::BrokenTransactionManager => StoreError::Unavailable(Box::new(error)),
            _ => StoreError::Unexpected(Box::new(error)),
        };
    };
    let message = information.message();
    match kind {
        DatabaseErrorKind::UniqueViolation | DatabaseErrorKind::SerializationFailure => StoreError::Conflict,
        DatabaseErrorKind::ClosedConnection
        | DatabaseErrorKind::UnableToSendCommand
        | DatabaseErrorKind::ReadOnlyTransaction => StoreError::Unavailable(Box::new(error)),
        _ if PASSING_FAILURES_OF_SQLITE.iter().any(|part| message.contains(part)) => {
            StoreError::Unavailable(Box::new(error))
        }
        _ => StoreError::Unexpected(Box::new(error)),
    }
}

/// A failure to get a connection always means that the database is unavailable.
pub(crate) fn pool_error<E>(error: PoolError<E>) -> StoreError
where
    PoolError<E>: std::error::Error + Send + Sync + 'static,
{
    StoreError::Unavailable(Box::new(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database_error(kind: DatabaseErrorKind, message: &str) -> StoreError {
        store_error(DieselError::DatabaseError(kind, Box::new(message.to_owned())))
    }

    #[test]
    fn a_lost_race_is_a_conflict() {
        for kind in [DatabaseErrorKind::UniqueViolation, DatabaseErrorKind::SerializationFailure] {
            assert!(matches!(database_error(kind, "of any text"), StoreError::Conflict), "{kind:?}");
        }
    }

    #[test]
    fn an_unreachable_or_busy_database_is_unavailable() {
        for (kind, message) in [
            (DatabaseErrorKind::ClosedConnection, "57P01: die Verbindung wird abgebrochen"),
            (DatabaseErrorKind::ReadOnlyTransaction, "of any text"),
            (DatabaseErrorKind::Unknown, "database is locked"),
            (DatabaseErrorKind::Unknown, "no such table: work"),
        ] {
            let error = database_error(kind, message);
            assert!(matches!(error, StoreError::Unavailable(_)), "{message}: {error:?}");
        }
    }

    #[test]
    fn anything_else_is_unexpected() {
        let error = database_error(DatabaseErrorKind::Unknown, "no such column: stat");
        assert!(matches!(error, StoreError::Unexpected(_)));
        assert!(matches!(store_error(DieselError::NotFound), StoreError::Unexpected(_)));
    }
}
