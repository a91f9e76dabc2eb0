//! Each use case's error as the API tells it. Every match is exhaustive, so that a new error needs a decision.

use billing_application::{DisableBillingError, EnableBillingError, PreflightDisableError};
use billing_domain::ports::StoreError;
use serde_json::json;

use super::{ApiError, ErrorCode};
use crate::dto::BlockerBody;

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

impl From<EnableBillingError> for ApiError {
    fn from(error: EnableBillingError) -> Self {
        let message = error.to_string();
        match error {
            EnableBillingError::GatewayNotConfigured(unavailable) => {
                Self::new(ErrorCode::PaymentGatewayNotConfigured, message).with_details(json!({
                    "gateway": unavailable.gateway,
                    "missing": unavailable.missing_settings,
                }))
            }
            EnableBillingError::Closing => Self::new(ErrorCode::BillingClosing, message),
            EnableBillingError::Store(error) => error.into(),
        }
    }
}

impl From<DisableBillingError> for ApiError {
    fn from(error: DisableBillingError) -> Self {
        let message = error.to_string();
        match error {
            DisableBillingError::Blocked(blockers) => {
                let listed: Vec<_> = blockers.listed().iter().map(BlockerBody::from).collect();
                Self::new(ErrorCode::BillingHasActiveEndUserSubscriptions, message)
                    .with_details(json!({ "blockers": listed, "total": blockers.total() }))
            }
            DisableBillingError::Contended => Self::new(ErrorCode::ConcurrentChange, message),
            DisableBillingError::Store(error) => error.into(),
        }
    }
}

impl From<PreflightDisableError> for ApiError {
    fn from(error: PreflightDisableError) -> Self {
        let message = error.to_string();
        match error {
            PreflightDisableError::NotEnabled => Self::new(ErrorCode::BillingNotEnabled, message),
            PreflightDisableError::Store(error) => error.into(),
        }
    }
}
