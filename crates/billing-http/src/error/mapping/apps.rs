use billing_application::{AppError, InvalidCursor, ReadAuditLogError, RequestKeyReused};
use serde_json::json;

use crate::dto::AppBody;
use crate::error::{ApiError, ErrorCode};

impl From<AppError> for ApiError {
    fn from(error: AppError) -> Self {
        let message = error.to_string();
        match error {
            AppError::NotFound => Self::new(ErrorCode::NotFound, message),
            AppError::TooManyOrigins(_) => Self::new(ErrorCode::LimitReached, message),
            AppError::EditedMeanwhile(app) => Self::new(ErrorCode::ConcurrentChange, message)
                .with_details(json!({ "app": AppBody::from(*app) })),
            AppError::RequestKeyReused(reused) => reused.into(),
            AppError::InvalidCursor(error) => error.into(),
            AppError::Store(error) => error.into(),
        }
    }
}

impl From<ReadAuditLogError> for ApiError {
    fn from(error: ReadAuditLogError) -> Self {
        match error {
            ReadAuditLogError::InvalidCursor(error) => error.into(),
            ReadAuditLogError::Store(error) => error.into(),
        }
    }
}

impl From<RequestKeyReused> for ApiError {
    fn from(error: RequestKeyReused) -> Self {
        Self::new(ErrorCode::IdempotencyKeyReused, error.to_string())
    }
}

impl From<InvalidCursor> for ApiError {
    fn from(error: InvalidCursor) -> Self {
        Self::invalid_request(error.to_string()).with_details(json!({ "parameter": "cursor" }))
    }
}
