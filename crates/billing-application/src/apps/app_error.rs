use billing_domain::ports::StoreError;
use billing_domain::{App, TooManyOrigins};

use crate::once::{OnceError, RequestKeyReused};
use crate::page::InvalidCursor;

/// Why an app cannot be read or is as it was. Nothing was changed, except that after a failed commit
/// ([`StoreError::Unavailable`]) it is unknown whether it was.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// It is not there, or somebody else's.
    #[error("There is no such app in this workspace.")]
    NotFound,
    /// The app cannot have that many redirect origins.
    #[error(transparent)]
    TooManyOrigins(#[from] TooManyOrigins),
    /// Somebody changed the app after it was loaded; this is how it is now.
    #[error("Somebody changed this app in the meantime. Look at it again before you change it.")]
    EditedMeanwhile(Box<App>),
    /// The key of the request was used for another one.
    #[error(transparent)]
    RequestKeyReused(#[from] RequestKeyReused),
    /// The page that was asked for is none.
    #[error(transparent)]
    InvalidCursor(#[from] InvalidCursor),
    /// The store could not.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<OnceError> for AppError {
    fn from(error: OnceError) -> Self {
        match error {
            OnceError::KeyReused(reused) => reused.into(),
            OnceError::Store(error) => error.into(),
        }
    }
}
