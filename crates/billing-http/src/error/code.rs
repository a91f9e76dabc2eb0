use actix_web::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

/// Every error the API answers with. The name in `snake_case` is the wire code; codes are never renamed, and
/// `docs/errors.md` lists them all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
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
    InternalError,
    DatabaseUnavailable,
    IdentityProviderUnavailable,
}

impl ErrorCode {
    /// Every code, in order of status.
    pub const ALL: [Self; 23] = [
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
        Self::InternalError,
        Self::DatabaseUnavailable,
        Self::IdentityProviderUnavailable,
    ];

    /// The status a code always comes with.
    #[must_use]
    pub fn status(self) -> StatusCode {
        match self {
            Self::InvalidRequest
            | Self::BillingHasActiveEndUserSubscriptions
            | Self::PaymentGatewayNotConfigured
            | Self::DefaultPlanMustBeFree
            | Self::LimitReached => StatusCode::BAD_REQUEST,
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::InsufficientRole | Self::BillingNotEnabled => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::BillingClosing
            | Self::ConcurrentChange
            | Self::PlanKeyTaken
            | Self::FeatureKeyTaken
            | Self::DefaultPlanTaken
            | Self::PlanArchived
            | Self::FeatureInUse
            | Self::IdempotencyKeyReused => StatusCode::CONFLICT,
            Self::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::InternalError => StatusCode::INTERNAL_SERVER_ERROR,
            Self::DatabaseUnavailable | Self::IdentityProviderUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}
