use diesel::result::{DatabaseErrorKind, Error as DieselError};
use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

/// A failed statement as a Diesel error. Its kind is the class of its SQLSTATE, because Diesel does not keep the
/// SQLSTATE itself; its message begins with the SQLSTATE. Messages of the server are in its own language and decide
/// nothing.
pub(super) fn failed(error: &Error, connection_ended: Option<&str>) -> DieselError {
    let (kind, message) = match error.as_db_error() {
        Some(answer) => (kind(answer.code()), format!("{}: {}", answer.code().code(), answer.message())),
        None => (DatabaseErrorKind::ClosedConnection, billing_domain::ports::error_chain(error)),
    };
    let message = match connection_ended {
        Some(reason) => format!("{message}: {reason}"),
        None => message,
    };
    DieselError::DatabaseError(kind, Box::new(message))
}

/// The server does not answer, or not in time. The statement may still take effect.
pub(super) fn unanswered() -> DieselError {
    let message = "Postgres did not answer in time".to_owned();
    DieselError::DatabaseError(DatabaseErrorKind::ClosedConnection, Box::new(message))
}

/// Whether the wait for a lock was over before the lock was free. The message of a failure begins with its SQLSTATE.
pub(super) fn is_lock_timeout(error: &DieselError) -> bool {
    matches!(error, DieselError::DatabaseError(_, failure) if failure.message().starts_with("55P03"))
}

/// Whether the connection cannot be used again: its prepared statements are gone, or their results have changed.
pub(super) fn ends_connection(error: &Error) -> bool {
    let lost = [
        SqlState::INVALID_SQL_STATEMENT_NAME,
        SqlState::DUPLICATE_PSTATEMENT,
        SqlState::FEATURE_NOT_SUPPORTED,
    ];
    error.code().is_none_or(|state| lost.contains(state))
}

/// The kinds by which `store_error` tells failures apart: `UniqueViolation` and `SerializationFailure` are conflicts,
/// `ClosedConnection` and `ReadOnlyTransaction` pass, anything else is unexpected.
fn kind(state: &SqlState) -> DatabaseErrorKind {
    match state.code() {
        "23505" => DatabaseErrorKind::UniqueViolation,
        "23503" => DatabaseErrorKind::ForeignKeyViolation,
        "23502" => DatabaseErrorKind::NotNullViolation,
        "23514" => DatabaseErrorKind::CheckViolation,
        "25006" => DatabaseErrorKind::ReadOnlyTransaction,
        // A serialization failure, and a deadlock, Citus' distributed one included.
        "40001" | "40P01" => DatabaseErrorKind::SerializationFailure,
        state if passes(state) => DatabaseErrorKind::ClosedConnection,
        _ => DatabaseErrorKind::Unknown,
    }
}

/// Failures of the server's state, not of the statement. Source: PostgreSQL documentation, appendix A.
fn passes(state: &str) -> bool {
    // Connection exceptions, also of Citus to its workers and of PgBouncer; insufficient resources; operator
    // intervention, in which are statement timeouts; errors of the system, such as of its disk.
    let class = ["08", "53", "57", "58"].iter().any(|class| state.starts_with(class));
    let single = [
        "25P03", // The transaction was idle for too long.
        "25P04", // The transaction took too long.
        "26000", // The prepared statement is not there.
        "3D000", // The database is not there.
        "3F000", // The schema is not there.
        "40003", // The outcome is unknown.
        "42P01", // The table is not there: a migration is missing.
        "42P05", // The prepared statement is there already.
        "55P03", // The lock timeout, or NOWAIT.
    ];
    class || single.contains(&state)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_race_is_told_by_its_sql_state() {
        assert_eq!(kind(&SqlState::UNIQUE_VIOLATION), DatabaseErrorKind::UniqueViolation);
        for state in [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED] {
            assert_eq!(kind(&state), DatabaseErrorKind::SerializationFailure, "{state:?}");
        }
    }

    #[test]
    fn a_state_of_the_server_passes() {
        let states = [
            "08000", "08001", "08003", "08006", "08P01", "25P03", "25P04", "26000", "3D000", "3F000",
            "40003", "42P01", "42P05", "53000", "53100", "53200", "53300", "55P03", "57014", "57P01",
            "57P02", "57P03", "57P05", "58030",
        ];
        for state in states {
            assert_eq!(kind(&SqlState::from_code(state)), DatabaseErrorKind::ClosedConnection, "{state}");
        }
        assert_eq!(kind(&SqlState::READ_ONLY_SQL_TRANSACTION), DatabaseErrorKind::ReadOnlyTransaction);
    }

    #[test]
    fn a_state_that_is_not_known_to_pass_is_unexpected() {
        for state in ["0A000", "22001", "25P02", "42601", "42703", "42883", "XX000", "P0001", "ZZZZZ"] {
            assert_eq!(kind(&SqlState::from_code(state)), DatabaseErrorKind::Unknown, "{state}");
        }
    }
}
