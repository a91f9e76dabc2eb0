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
    RedirectUrlNotAllowed,
    InvalidWebhook,
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
    AlreadySubscribed,
    CheckoutCompleted,
    SubscriptionEnded,
    SubscriptionNotTrialing,
    SubscriptionNotChangeable,
    PlanChangeOutdated,
    InvoiceNotRefundable,
    RefundConflict,
    InvoiceStatusForbids,
    InvoiceChargedAutomatically,
    StripeAccountNotLinked,
    PayloadTooLarge,
    UnsupportedMediaType,
    TooManyRequests,
    RequestHeadTooLarge,
    InternalError,
    PaymentGatewayRefused,
    RefundIncomplete,
    DatabaseUnavailable,
    PaymentGatewayUnavailable,
    IdentityProviderUnavailable,
}

impl ErrorCode {
    /// Every code, by status.
    pub const ALL: [Self; 42] = [
        Self::InvalidRequest,
        Self::BillingHasActiveEndUserSubscriptions,
        Self::PaymentGatewayNotConfigured,
        Self::DefaultPlanMustBeFree,
        Self::LimitReached,
        Self::RedirectUrlNotAllowed,
        Self::InvalidWebhook,
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
        Self::AlreadySubscribed,
        Self::CheckoutCompleted,
        Self::SubscriptionEnded,
        Self::SubscriptionNotTrialing,
        Self::SubscriptionNotChangeable,
        Self::PlanChangeOutdated,
        Self::InvoiceNotRefundable,
        Self::RefundConflict,
        Self::InvoiceStatusForbids,
        Self::InvoiceChargedAutomatically,
        Self::StripeAccountNotLinked,
        Self::PayloadTooLarge,
        Self::UnsupportedMediaType,
        Self::TooManyRequests,
        Self::RequestHeadTooLarge,
        Self::InternalError,
        Self::PaymentGatewayRefused,
        Self::RefundIncomplete,
        Self::DatabaseUnavailable,
        Self::PaymentGatewayUnavailable,
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
            | Self::LimitReached
            | Self::RedirectUrlNotAllowed
            | Self::InvalidWebhook => 400,
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
            | Self::IdempotencyKeyReused
            | Self::AlreadySubscribed
            | Self::CheckoutCompleted
            | Self::SubscriptionEnded
            | Self::SubscriptionNotTrialing
            | Self::SubscriptionNotChangeable
            | Self::PlanChangeOutdated
            | Self::InvoiceNotRefundable
            | Self::RefundConflict
            | Self::InvoiceStatusForbids
            | Self::InvoiceChargedAutomatically
            | Self::StripeAccountNotLinked => 409,
            Self::PayloadTooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::TooManyRequests => 429,
            Self::RequestHeadTooLarge => 431,
            Self::InternalError => 500,
            Self::PaymentGatewayRefused | Self::RefundIncomplete => 502,
            Self::DatabaseUnavailable
            | Self::PaymentGatewayUnavailable
            | Self::IdentityProviderUnavailable => 503,
        }
    }
}
