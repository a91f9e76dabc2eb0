use async_trait::async_trait;

use super::BoxError;
use crate::DashboardSession;

/// Verifies dashboard tokens.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait DashboardSessions: Send + Sync {
    /// The session of a token. May be repeated.
    ///
    /// # Errors
    /// [`SessionError::Refused`] for an invalid token; [`SessionError::Unavailable`] when it cannot be verified now.
    async fn verify(&self, token: &str) -> Result<DashboardSession, SessionError>;
}

/// A failure to verify a token.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The token is invalid. The reason reveals no setting of the service.
    #[error("The dashboard token is refused: {reason}.")]
    Refused {
        /// The reason.
        reason: String,
        /// Whether the token has expired, so that signing in again helps.
        expired: bool,
    },
    /// The verification keys are unavailable.
    #[error("tokens cannot be verified at the moment")]
    Unavailable(#[source] BoxError),
    /// A bug in the service.
    #[error("tokens cannot be verified")]
    Unexpected(#[source] BoxError),
}
