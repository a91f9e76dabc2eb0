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
    /// A migration failed. None was applied.
    #[error("the database cannot be migrated")]
    Migrate(#[source] BoxError),
}

/// Messages of transient failures for which Diesel has no kind: Postgres shutting down, starting or out of
/// connections, statement and lock timeouts, SQLite's busy timeout, a missing migration. English only: a server in
/// another language has these reported as internal errors.
const PASSING_FAILURES: [&str; 12] = [
    "terminating connection",
    "the database system is",
    "too many clients",
    "remaining connection slots",
    "canceling statement due to",
    "database is locked",
    "database table is locked",
    "disk I/O error",
    "unable to open database file",
    "database or disk is full",
    "no such table",
    "does not exist",
];

/// Messages of conflicts the database resolved by an abort; the transaction may be repeated.
const BROKEN_UP_RACES: [&str; 2] = ["deadlock detected", "could not serialize access"];

pub(crate) fn store_error(error: DieselError) -> StoreError {
    let DieselError::DatabaseError(kind, information) = &error else {
        return match error {
            DieselError::BrokenTransactionManager => StoreError::Unavailable(Box::new(error)),
            _ => StoreError::Unexpected(Box::new(error)),
        };
    };
    let message = information.message();
    let any_of = |known: &[&str]| known.iter().any(|part| message.contains(part));
    match kind {
        DatabaseErrorKind::UniqueViolation | DatabaseErrorKind::SerializationFailure => StoreError::Conflict,
        DatabaseErrorKind::ClosedConnection
        | DatabaseErrorKind::UnableToSendCommand
        | DatabaseErrorKind::ReadOnlyTransaction => StoreError::Unavailable(Box::new(error)),
        _ if any_of(&BROKEN_UP_RACES) => StoreError::Conflict,
        _ if any_of(&PASSING_FAILURES) => StoreError::Unavailable(Box::new(error)),
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
    fn a_deadlock_or_serialization_failure_is_a_conflict() {
        for (kind, message) in [
            (DatabaseErrorKind::UniqueViolation, "duplicate key"),
            (DatabaseErrorKind::SerializationFailure, "could not serialize access"),
            (DatabaseErrorKind::Unknown, "deadlock detected"),
        ] {
            assert!(matches!(database_error(kind, message), StoreError::Conflict), "{message}");
        }
    }

    #[test]
    fn an_unreachable_or_busy_database_is_unavailable() {
        for (kind, message) in [
            (DatabaseErrorKind::UnableToSendCommand, "connection closed"),
            (DatabaseErrorKind::Unknown, "terminating connection due to administrator command"),
            (DatabaseErrorKind::Unknown, "the database system is shutting down"),
            (DatabaseErrorKind::Unknown, "canceling statement due to lock timeout"),
            (DatabaseErrorKind::Unknown, "database is locked"),
            (DatabaseErrorKind::ReadOnlyTransaction, "cannot execute UPDATE in a read-only transaction"),
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
