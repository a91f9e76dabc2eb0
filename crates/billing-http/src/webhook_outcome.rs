use crate::error::{ApiError, ErrorCode};

/// The outcome of a webhook in the metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WebhookOutcome {
    /// Stored, or of no interest.
    Accepted,
    /// Not from Stripe, or with a body that was not received, is too large or cannot be read.
    Refused,
    /// The account of its secret is not known yet.
    NotReady,
    /// Too many wait, or too many large ones.
    Crowded,
    /// It is not stored: the database, or the service, failed.
    NotStored,
}

impl WebhookOutcome {
    /// The outcome of a webhook that is answered with this error.
    pub(crate) fn of(error: &ApiError) -> Self {
        match error.code() {
            ErrorCode::PaymentGatewayUnavailable => Self::NotReady,
            ErrorCode::TooManyRequests => Self::Crowded,
            code if code.status() < 500 => Self::Refused,
            _ => Self::NotStored,
        }
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::NotReady => "not_ready",
            Self::Crowded => "crowded",
            Self::NotStored => "not_stored",
        }
    }
}
