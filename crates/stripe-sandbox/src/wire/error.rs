//! Stripe's error object.

use serde_json::{Value, json};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorType {
    Api,
    Card,
    Idempotency,
    InvalidRequest,
}

impl ErrorType {
    fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api_error",
            Self::Card => "card_error",
            Self::Idempotency => "idempotency_error",
            Self::InvalidRequest => "invalid_request_error",
        }
    }
}

/// A refusal, as the client gets it.
#[derive(Debug, Clone)]
pub struct ApiError {
    pub status: u16,
    pub kind: ErrorType,
    pub code: Option<&'static str>,
    pub message: String,
    pub param: Option<String>,
    /// Fields that only some errors have, such as `decline_code` and `payment_intent`.
    pub more: Box<serde_json::Map<String, Value>>,
    /// Whether what was done up to the error stays: a declined payment leaves its charge behind.
    pub keeps_changes: bool,
    /// Whether the parameters were refused by themselves, before the endpoint began.
    pub is_validation: bool,
}

/// Codes of parameters that are refused by themselves, beside those that begin with `parameter_`.
const VALIDATION_CODES: [&str; 2] = ["email_invalid", "url_invalid"];

impl ApiError {
    fn new(status: u16, kind: ErrorType, message: impl Into<String>) -> Self {
        Self {
            status,
            kind,
            code: None,
            message: message.into(),
            param: None,
            more: Box::default(),
            keeps_changes: false,
            is_validation: false,
        }
    }

    /// The request cannot be carried out as it is.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, ErrorType::InvalidRequest, message)
    }

    pub fn missing_param(param: &str) -> Self {
        Self::invalid(format!("Missing required param: {param}.")).about(param).coded("parameter_missing")
    }

    pub fn unknown_param(param: &str) -> Self {
        Self::invalid(format!("Received unknown parameter: {param}")).about(param).coded("parameter_unknown")
    }

    /// No such object, in this account, of this kind: the same answer for all three.
    pub fn no_such(noun: &str, id: &str) -> Self {
        let mut error =
            Self::invalid(format!("No such {noun}: '{id}'")).about("id").coded("resource_missing");
        error.status = 404;
        error
    }

    pub fn unauthorized(message: impl Into<String>) -> Self {
        Self::new(401, ErrorType::InvalidRequest, message)
    }

    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(403, ErrorType::InvalidRequest, message)
    }

    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(404, ErrorType::InvalidRequest, message)
    }

    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(409, ErrorType::Idempotency, message)
    }

    pub fn idempotency_mismatch(message: impl Into<String>) -> Self {
        Self::new(400, ErrorType::Idempotency, message)
    }

    pub fn too_many(message: impl Into<String>) -> Self {
        Self::new(429, ErrorType::InvalidRequest, message)
    }

    /// Stripe's own failure: its outcome is unknown to the client.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(500, ErrorType::Api, message)
    }

    /// A payment was declined. What was tried stays to be seen.
    pub fn card(code: &'static str, decline_code: Option<&str>, message: impl Into<String>) -> Self {
        let mut error = Self::new(402, ErrorType::Card, message);
        error.code = Some(code);
        error.keeps_changes = true;
        match decline_code {
            Some(decline_code) => error.with("decline_code", json!(decline_code)),
            None => error,
        }
    }

    #[must_use]
    pub fn about(mut self, param: &str) -> Self {
        self.param = Some(param.to_owned());
        self
    }

    #[must_use]
    pub fn coded(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self.is_validation |= code.starts_with("parameter_") || VALIDATION_CODES.contains(&code);
        self
    }

    #[must_use]
    pub fn with(mut self, field: &str, value: Value) -> Self {
        self.more.insert(field.to_owned(), value);
        self
    }

    /// The parameters are refused by themselves.
    #[must_use]
    pub fn before_execution(mut self) -> Self {
        self.is_validation = true;
        self
    }

    /// Whether Stripe stores it under an idempotency key: only what an endpoint came to, and no conflict.
    pub fn is_stored(&self) -> bool {
        !self.is_validation && !matches!(self.status, 401 | 403 | 409 | 429)
    }

    /// The whole request is undone, whatever the error says of what was tried.
    #[must_use]
    pub fn undoing_everything(mut self) -> Self {
        self.keeps_changes = false;
        self
    }

    pub fn body(&self) -> Value {
        let mut error = serde_json::Map::clone(&self.more);
        error.insert("type".to_owned(), json!(self.kind.as_str()));
        error.insert("message".to_owned(), json!(self.message));
        if let Some(code) = self.code {
            error.insert("code".to_owned(), json!(code));
            error.insert(
                "doc_url".to_owned(),
                json!(format!("https://stripe.com/docs/error-codes/{}", code.replace('_', "-"))),
            );
        }
        if let Some(param) = &self.param {
            error.insert("param".to_owned(), json!(param));
        }
        json!({ "error": error })
    }
}
