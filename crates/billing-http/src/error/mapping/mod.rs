//! Each use case's error as the API tells it. Every match is exhaustive, so that a new error needs a decision; every
//! sentence about billing is the error's own.

mod apps;
mod catalog;
mod gate;

use billing_application::Interrupted;
use billing_domain::InsufficientRole;
use billing_domain::ports::{SessionError, StoreError};

use super::{ApiError, ErrorCode};

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => Self::new(
                ErrorCode::ConcurrentChange,
                "Someone else changed the same thing at the same moment. Load it again and repeat the request.",
            ),
            StoreError::Unavailable(_) => Self::new(
                ErrorCode::DatabaseUnavailable,
                "The service cannot reach its data at the moment. Try again in a few seconds.",
            )
            .with_header("retry-after", "5")
            .caused_by(error),
            StoreError::Corrupt { .. } | StoreError::Unexpected(_) => Self::internal(error),
        }
    }
}

impl From<Interrupted> for ApiError {
    fn from(interrupted: Interrupted) -> Self {
        match interrupted {
            // What is slow is the database: nothing else is waited for.
            Interrupted::TooSlow => StoreError::Unavailable(Box::new(interrupted)).into(),
            Interrupted::Broken(_) => Self::internal(interrupted),
        }
    }
}

impl From<SessionError> for ApiError {
    fn from(error: SessionError) -> Self {
        let message = error.to_string();
        match error {
            SessionError::Refused { .. } => Self::unauthenticated(message, r#"Bearer error="invalid_token""#),
            SessionError::Unavailable(cause) => Self::new(
                ErrorCode::IdentityProviderUnavailable,
                "Tokens cannot be verified at the moment. Try again in a few seconds.",
            )
            .with_header("retry-after", "5")
            .caused_by(cause),
            SessionError::Unexpected(_) => Self::internal(error),
        }
    }
}

impl From<InsufficientRole> for ApiError {
    fn from(error: InsufficientRole) -> Self {
        Self::new(ErrorCode::InsufficientRole, error.to_string())
    }
}
