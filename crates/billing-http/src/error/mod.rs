//! The errors of the API: a closed code, a sentence to act on, and the whole cause for the log.

mod code;
mod mapping;

use std::borrow::Cow;
use std::fmt;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use billing_domain::ports::{BoxError, error_chain};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

pub(crate) use billing_application::ErrorCode;
pub(crate) use code::ErrorCodeSchema;
use code::status;

/// A refusal or failure. [`observe`](crate::middleware::observe) writes its body, with the request id.
#[derive(Debug)]
pub(crate) struct ApiError {
    code: ErrorCode,
    message: Cow<'static, str>,
    details: Option<Value>,
    header: Option<(&'static str, Cow<'static, str>)>,
    /// For the log only.
    cause: Option<BoxError>,
}

/// A part of a request.
pub(crate) enum Part<'a> {
    /// A field of the body, by its path.
    Field(&'a str),
    Header(&'a str),
}

/// The body of every answer that is not a success.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ErrorBody {
    /// What went wrong: one of the codes of `/docs/errors`.
    #[schema(value_type = ErrorCodeSchema)]
    error: ErrorCode,
    /// A sentence a person can act on.
    #[schema(example = "This endpoint needs a dashboard token: send `Authorization: Bearer <token>`.")]
    message: String,
    /// Names this request in the service's log; also in the header `x-request-id`.
    #[schema(example = "req_01kapzv5e8f6ws8j4kq1bdx0me")]
    request_id: String,
    /// Facts a program can act on. Which ones depends on the code.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    details: Option<Value>,
}

impl ApiError {
    pub(crate) fn new(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into(), details: None, header: None, cause: None }
    }

    pub(crate) fn with_details(self, details: Value) -> Self {
        Self { details: Some(details), ..self }
    }

    fn with_header(self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        Self { header: Some((name, value.into())), ..self }
    }

    /// The error with the seconds after which a repeat may succeed, if its code is of a passing state.
    fn retried_later(self) -> Self {
        let seconds = match self.code {
            ErrorCode::TooManyRequests => "1",
            ErrorCode::DatabaseUnavailable | ErrorCode::IdentityProviderUnavailable => "5",
            ErrorCode::PaymentGatewayUnavailable => "60",
            _ => return self,
        };
        self.with_header("retry-after", seconds)
    }

    fn caused_by(self, cause: impl Into<BoxError>) -> Self {
        Self { cause: Some(cause.into()), ..self }
    }

    /// A failure of the service. The cause is logged only.
    pub(crate) fn internal(cause: impl Into<BoxError>) -> Self {
        let message = "Something went wrong on our side. If it persists, tell support the request id.";
        Self::new(ErrorCode::InternalError, message).caused_by(cause)
    }

    /// An answer of the payment gateway that takes too long. The use case goes on.
    pub(crate) fn slow_gateway(cause: impl Into<BoxError>) -> Self {
        let message =
            "Stripe takes long to answer, and the request goes on. Look at its outcome in a minute.";
        Self::new(ErrorCode::PaymentGatewayUnavailable, message).retried_later().caused_by(cause)
    }

    /// A body that is larger than this number of KiB.
    pub(crate) fn payload_too_large(kibibytes: usize) -> Self {
        Self::new(ErrorCode::PayloadTooLarge, format!("The body is larger than {kibibytes} KiB."))
    }

    /// An invalid request.
    pub(crate) fn invalid_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::InvalidRequest, message)
    }

    /// A part that breaks a rule. `error` is one of the domain's, which are sentences.
    pub(crate) fn unusable(part: &Part<'_>, error: impl fmt::Display) -> Self {
        Self::invalid_part(part, &format!("cannot be used. {error}"))
    }

    /// A part of the wrong form. `problem` is no sentence, as serde's are.
    pub(crate) fn malformed(part: &Part<'_>, problem: impl fmt::Display) -> Self {
        Self::invalid_part(part, &format!("cannot be read: {problem}."))
    }

    fn invalid_part(part: &Part<'_>, problem: &str) -> Self {
        let (kind, name) = match part {
            Part::Field(name) => ("field", name),
            Part::Header(name) => ("header", name),
        };
        Self::invalid_request(format!("The {kind} `{name}` {problem}")).with_details(json!({ kind: name }))
    }

    /// Missing or invalid credentials. `challenge` names the scheme (RFC 6750).
    pub(crate) fn unauthenticated(message: impl Into<Cow<'static, str>>, challenge: &'static str) -> Self {
        Self::new(ErrorCode::Unauthenticated, message).with_header("www-authenticate", challenge)
    }

    pub(crate) fn not_found() -> Self {
        Self::new(ErrorCode::NotFound, "There is nothing here. Check the path against /openapi.json.")
    }

    /// `allowed` lists the methods of the path for the header `Allow`.
    pub(crate) fn method_not_allowed(allowed: &str) -> Self {
        Self::new(ErrorCode::MethodNotAllowed, format!("This path takes {allowed} only."))
            .with_header("allow", allowed.to_owned())
    }

    /// A request that cannot be read as HTTP, with the status that says why.
    pub(crate) fn unreadable(status: StatusCode) -> Self {
        match status {
            StatusCode::REQUEST_TIMEOUT => {
                Self::new(ErrorCode::RequestTimeout, "The head of the request was not received in time.")
            }
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => Self::new(
                ErrorCode::RequestHeadTooLarge,
                "The head of the request has more than 96 headers, or it is larger than 32 KiB.",
            ),
            status if status.is_server_error() => Self::internal("the server cannot go on with a connection"),
            _ => Self::invalid_request("The request cannot be read as HTTP/1.1."),
        }
    }

    /// Whether a repeat may succeed in seconds.
    pub(crate) fn is_passing(&self) -> bool {
        matches!(self.status_code(), StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE)
    }

    pub(crate) fn code(&self) -> ErrorCode {
        self.code
    }

    /// The response.
    pub(crate) fn respond(&self, request_id: &str) -> HttpResponse {
        let mut response = HttpResponse::build(status(self.code));
        if let Some((name, value)) = &self.header {
            response.insert_header((*name, value.as_ref()));
        }
        response.json(ErrorBody {
            error: self.code,
            message: self.message.to_string(),
            request_id: request_id.to_owned(),
            details: self.details.clone(),
        })
    }

    /// The message and its causes, for the log.
    pub(crate) fn chain(&self) -> String {
        match &self.cause {
            Some(cause) => format!("{}: {}", self.message, error_chain(cause.as_ref())),
            None => self.message.to_string(),
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        status(self.code)
    }

    /// Without a body: the middleware adds it with the request id.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}

#[cfg(test)]
mod tests;
