use async_trait::async_trait;

use super::BoxError;
use crate::DashboardSession;

/// Tells whose a dashboard token is.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait DashboardSessions: Send + Sync {
    /// The session a token stands for. May be repeated.
    ///
    /// # Errors
    /// [`SessionError::Refused`] for a token that is not valid (any more), and [`SessionError::Unavailable`] when
    /// that cannot be told at the moment.
    async fn verify(&self, token: &str) -> Result<DashboardSession, SessionError>;
}

/// Why a token stands for no session.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The token is not valid. The reason speaks of the caller's own token and of nothing of ours.
    #[error("The dashboard token is refused: {reason}.")]
    Refused {
        /// What is wrong with it.
        reason: String,
        /// Whether it once was valid, so that signing in again is all it takes.
        expired: bool,
    },
    /// The keys to verify it with cannot be had.
    #[error("tokens cannot be verified at the moment")]
    Unavailable(#[source] BoxError),
    /// A bug of ours.
    #[error("tokens cannot be verified")]
    Unexpected(#[source] BoxError),
}
