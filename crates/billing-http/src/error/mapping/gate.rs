use billing_application::{DisableBillingError, EnableBillingError, PreflightDisableError};
use serde_json::json;

use crate::dto::BlockerBody;
use crate::error::{ApiError, ErrorCode};

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
            EnableBillingError::OnAlready(_) => Self::new(ErrorCode::ConcurrentChange, message),
            EnableBillingError::NotEnabled => Self::new(ErrorCode::BillingNotEnabled, message),
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
