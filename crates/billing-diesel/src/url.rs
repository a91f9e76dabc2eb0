use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use billing_domain::ports::error_chain;

use crate::ConnectError;

/// The URL of the database: `postgres://…`, or `sqlite://` and a path. Never shows a password.
#[derive(Clone)]
pub enum DatabaseUrl {
    /// A Postgres server. With `sslmode=require` the connection is encrypted, and the server's certificate must be
    /// trusted by the system.
    Postgres(Box<tokio_postgres::Config>),
    /// A SQLite file. The file and its folder are created if missing.
    Sqlite(PathBuf),
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Postgres(config) => {
                write!(f, "postgres({:?}, {:?})", config.get_hosts(), config.get_dbname())
            }
            Self::Sqlite(path) => write!(f, "sqlite({})", path.display()),
        }
    }
}

impl FromStr for DatabaseUrl {
    type Err = ConnectError;

    /// Parses a URL. The text is never part of the error: it may hold a password.
    fn from_str(text: &str) -> Result<Self, ConnectError> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            let config = text
                .parse()
                .map_err(|error: tokio_postgres::Error| ConnectError::Url(error_chain(&error)))?;
            return Ok(Self::Postgres(Box::new(config)));
        }
        match text.strip_prefix("sqlite://") {
            Some(path) if !path.is_empty() && !path.contains(['?', ':']) => {
                Ok(Self::Sqlite(PathBuf::from(path)))
            }
            Some(_) => Err(ConnectError::Url(
                "`sqlite://` must be followed by the path of a file, without options".to_owned(),
            )),
            None => Err(ConnectError::Url("it must begin with `postgres://` or `sqlite://`".to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sqlite_path(url: &str) -> Option<PathBuf> {
        match url.parse() {
            Ok(DatabaseUrl::Sqlite(path)) => Some(path),
            _ => None,
        }
    }

    #[test]
    fn a_sqlite_url_holds_a_relative_or_an_absolute_path() {
        assert_eq!(sqlite_path("sqlite://data/billing.db"), Some("data/billing.db".into()));
        assert_eq!(sqlite_path("sqlite:///var/lib/billing.db"), Some("/var/lib/billing.db".into()));
    }

    #[test]
    fn an_in_memory_database_is_refused() {
        for url in ["sqlite://", "sqlite://:memory:", "sqlite://a.db?mode=memory"] {
            assert!(url.parse::<DatabaseUrl>().is_err(), "{url}");
        }
    }

    #[test]
    fn an_unknown_scheme_is_refused_with_the_known_ones() {
        let error = "mysql://localhost/billing".parse::<DatabaseUrl>().unwrap_err();
        assert!(error.to_string().contains("`postgres://` or `sqlite://`"), "{error}");
    }

    #[test]
    fn a_password_is_never_shown() {
        let url: DatabaseUrl = "postgres://billing:hunter2@db.internal/billing".parse().unwrap();
        assert!(!format!("{url:?}").contains("hunter2"));
        let error = "postgres://billing:hunter2@db:notaport/billing".parse::<DatabaseUrl>().unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
}
