use billing_domain::{App, TooManyOrigins};

use crate::refusal::{ErrorCode, Facts, Refusal, Refused, Told};

/// The rules that refuse a change of an app.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The app has too many redirect origins.
    #[error(transparent)]
    TooManyOrigins(#[from] TooManyOrigins),
    /// The app was changed after it was loaded; the present state.
    #[error("Somebody changed this app in the meantime. Look at it again before you change it.")]
    EditedMeanwhile(Box<App>),
}

impl Refusal for AppError {
    fn told(&self) -> Told<'_> {
        match self {
            Self::TooManyOrigins(_) => ErrorCode::LimitReached.with(Facts::TooMany("origins")),
            Self::EditedMeanwhile(app) => ErrorCode::ConcurrentChange.with(Facts::App(app)),
        }
    }
}

impl From<TooManyOrigins> for Refused<AppError> {
    fn from(too_many: TooManyOrigins) -> Self {
        Self::Rule(too_many.into())
    }
}
