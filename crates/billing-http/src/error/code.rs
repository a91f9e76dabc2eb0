use std::borrow::Cow;

use actix_web::http::StatusCode;
use billing_application::ErrorCode;
use serde_json::json;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// The schema of [`ErrorCode`], which knows nothing of `OpenAPI`.
pub(crate) struct ErrorCodeSchema;

impl PartialSchema for ErrorCodeSchema {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some(
                "Every error the API answers with. The name in `snake_case` is the wire code; codes are never renamed, and\n`/docs/errors` lists them all.",
            ))
            .enum_values(Some(ErrorCode::ALL.map(|code| json!(code))))
            .into()
    }
}

impl ToSchema for ErrorCodeSchema {
    fn name() -> Cow<'static, str> {
        "ErrorCode".into()
    }
}

/// The HTTP status of a code.
pub(crate) fn status(code: ErrorCode) -> StatusCode {
    StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
