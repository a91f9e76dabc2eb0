//! What a fault does to one request.

use crate::wire::ApiError;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Damage {
    /// Answered 500, and not carried out.
    Error500,
    /// Carried out, and answered 500.
    Error500Executed,
    RateLimit,
    LockTimeout,
    Conflict,
}

impl Damage {
    pub fn is_rate_limit(&self) -> bool {
        matches!(self, Self::RateLimit)
    }

    /// A refusal before the request is begun, of which nothing is kept.
    pub fn refusal(&self) -> Option<ApiError> {
        match self {
            Self::RateLimit => Some(
                ApiError::too_many("Request rate limit exceeded. Learn more about rate limits in Stripe's documentation.")
                    .coded("rate_limit"),
            ),
            Self::LockTimeout => Some(
                ApiError::too_many(
                    "This object cannot be accessed right now because another API request or Stripe process is \
                     currently accessing it. If you see this error intermittently, retry the request.",
                )
                .coded("lock_timeout"),
            ),
            Self::Conflict => Some(ApiError::conflict("The request conflicts with another request that is being worked on.")),
            Self::Error500 | Self::Error500Executed => None,
        }
    }

    pub fn failure_instead(&self) -> Option<ApiError> {
        (*self == Self::Error500).then(failure)
    }

    pub fn failure_afterwards(&self) -> Option<ApiError> {
        (*self == Self::Error500Executed).then(failure)
    }
}

fn failure() -> ApiError {
    ApiError::internal("An unknown error occurred (a fault that was asked for under /_sandbox/faults).")
}
