use actix_web::http::StatusCode;
use billing_application::{Interrupted, Refusal, Refused};
use billing_domain::InsufficientRole;
use billing_domain::ports::{BoxError, SessionError, StoreError, error_chain};

/// A failure to show a page.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Billing is off: the app's Billing page explains it.
    BillingOff,
    /// Any other failure, with its status.
    Status {
        status: StatusCode,
        /// Replaces the usual text of the status.
        text: Option<String>,
        /// For the log only.
        cause: Option<BoxError>,
    },
}

impl Failure {
    pub(crate) fn not_found() -> Self {
        Self::status(StatusCode::NOT_FOUND, None)
    }

    pub(crate) fn refused(text: impl Into<String>) -> Self {
        Self::status(StatusCode::BAD_REQUEST, Some(text.into()))
    }

    pub(crate) fn method_not_allowed() -> Self {
        Self::status(StatusCode::METHOD_NOT_ALLOWED, None)
    }

    pub(crate) fn too_large() -> Self {
        Self::status(StatusCode::PAYLOAD_TOO_LARGE, None)
    }

    pub(crate) fn foreign_form() -> Self {
        let text = "This form did not come from this site, or it is too old. Go back, reload the page and try again.";
        Self::status(StatusCode::FORBIDDEN, Some(text.to_owned()))
    }

    pub(crate) fn other_session() -> Self {
        let text = "You have signed in as somebody else, or to another workspace, since this page was opened. \
                    Nothing was changed. Go back, reload the page and try again.";
        Self::status(StatusCode::CONFLICT, Some(text.to_owned()))
    }

    pub(crate) fn internal(cause: impl Into<BoxError>) -> Self {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Self::Status { status, text: None, cause: Some(cause.into()) }
    }

    fn unavailable(cause: impl Into<BoxError>) -> Self {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        Self::Status { status, text: None, cause: Some(cause.into()) }
    }

    fn status(status: StatusCode, text: Option<String>) -> Self {
        Self::Status { status, text, cause: None }
    }

    /// Whether a repeat may succeed in seconds.
    pub(crate) fn is_passing(&self) -> bool {
        let Self::Status { status, .. } = self else { return false };
        matches!(*status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE)
    }

    /// Logs the details that the page hides.
    pub(super) fn log(&self, path: &str) {
        match self {
            Self::BillingOff => tracing::debug!(path, "billing is off"),
            Self::Status { status, cause: Some(cause), .. } => {
                let cause = error_chain(cause.as_ref());
                tracing::error!(status = status.as_u16(), path, %cause, "a page could not be shown");
            }
            Self::Status { status, text, cause: None } => {
                tracing::debug!(status = status.as_u16(), path, ?text, "a page was refused");
            }
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => Self::status(StatusCode::CONFLICT, None),
            StoreError::Unavailable(_) => Self::unavailable(error),
            StoreError::Corrupt { .. } | StoreError::Unexpected(_) => Self::internal(error),
        }
    }
}

impl From<Interrupted> for Failure {
    fn from(interrupted: Interrupted) -> Self {
        match interrupted {
            Interrupted::Crowded => {
                Self::status(StatusCode::TOO_MANY_REQUESTS, Some(interrupted.to_string()))
            }
            Interrupted::TooSlow => Self::unavailable(interrupted),
            Interrupted::Broken(_) => Self::internal(interrupted),
        }
    }
}

/// A refusal that no form of the page shows.
impl<E: Refusal> From<Refused<E>> for Failure {
    fn from(refused: Refused<E>) -> Self {
        match refused {
            Refused::NotEnabled => Self::BillingOff,
            Refused::Absent(absent) => Self::status(StatusCode::NOT_FOUND, Some(absent.to_string())),
            Refused::RequestKeyReused(_) | Refused::Rule(_) => Self::refused(refused.to_string()),
            Refused::Store(error) => error.into(),
        }
    }
}

impl From<SessionError> for Failure {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Refused { .. } | SessionError::Unexpected(_) => Self::internal(error),
            SessionError::Unavailable(_) => Self::unavailable(error),
        }
    }
}

impl From<InsufficientRole> for Failure {
    fn from(insufficient: InsufficientRole) -> Self {
        Self::status(StatusCode::FORBIDDEN, Some(insufficient.to_string()))
    }
}
