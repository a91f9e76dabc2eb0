use serde::Serialize;

/// The error codes of the API. The name in `snake_case` is the wire code; codes are never renamed, and
/// `docs/errors.md` lists them all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    InvalidRequest,
    BillingHasActiveEndUserSubscriptions,
    PaymentGatewayNotConfigured,
    DefaultPlanMustBeFree,
    LimitReached,
    Unauthenticated,
    InsufficientRole,
    BillingNotEnabled,
    NotFound,
    MethodNotAllowed,
    RequestTimeout,
    BillingClosing,
    ConcurrentChange,
    PlanKeyTaken,
    FeatureKeyTaken,
    DefaultPlanTaken,
    PlanArchived,
    FeatureInUse,
    IdempotencyKeyReused,
    PayloadTooLarge,
    UnsupportedMediaType,
    TooManyRequests,
    RequestHeadTooLarge,
    InternalError,
    DatabaseUnavailable,
    IdentityProviderUnavailable,
}

impl ErrorCode {
    /// Every code, by status.
    pub const ALL: [Self; 26] = [
        Self::InvalidRequest,
        Self::BillingHasActiveEndUserSubscriptions,
        Self::PaymentGatewayNotConfigured,
        Self::DefaultPlanMustBeFree,
        Self::LimitReached,
        Self::Unauthenticated,
        Self::InsufficientRole,
        Self::BillingNotEnabled,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::RequestTimeout,
        Self::BillingClosing,
        Self::ConcurrentChange,
        Self::PlanKeyTaken,
        Self::FeatureKeyTaken,
        Self::DefaultPlanTaken,
        Self::PlanArchived,
        Self::FeatureInUse,
        Self::IdempotencyKeyReused,
        Self::PayloadTooLarge,
        Self::UnsupportedMediaType,
        Self::TooManyRequests,
        Self::RequestHeadTooLarge,
        Self::InternalError,
        Self::DatabaseUnavailable,
        Self::IdentityProviderUnavailable,
    ];

    /// The HTTP status of the code.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::InvalidRequest
            | Self::BillingHasActiveEndUserSubscriptions
            | Self::PaymentGatewayNotConfigured
            | Self::DefaultPlanMustBeFree
            | Self::LimitReached => 400,
            Self::Unauthenticated => 401,
            Self::InsufficientRole | Self::BillingNotEnabled => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::RequestTimeout => 408,
            Self::BillingClosing
            | Self::ConcurrentChange
            | Self::PlanKeyTaken
            | Self::FeatureKeyTaken
            | Self::DefaultPlanTaken
            | Self::PlanArchived
            | Self::FeatureInUse
            | Self::IdempotencyKeyReused => 409,
            Self::PayloadTooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::TooManyRequests => 429,
            Self::RequestHeadTooLarge => 431,
            Self::InternalError => 500,
            Self::DatabaseUnavailable | Self::IdentityProviderUnavailable => 503,
        }
    }
}
