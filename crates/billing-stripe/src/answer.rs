//! The meaning of Stripe's answers.

use billing_domain::ports::GatewayError;
use serde::Deserialize;

use crate::transport::ApiAnswer;

/// An error in Stripe's words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{status} {kind}{}: {message}", code.as_ref().map(|code| format!(" {code}")).unwrap_or_default())]
pub(crate) struct StripeError {
    /// Whether Stripe had stored it under the key before the request was sent.
    pub is_replayed: bool,
    pub status: u16,
    pub kind: String,
    pub code: Option<String>,
    pub param: Option<String>,
    pub message: String,
}

/// An answer that cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreadable {
    #[error("the answer with status {0} is not one of Stripe's API")]
    Status(u16),
    #[error("the answer cannot be read: {0}")]
    Json(#[from] serde_json::Error),
    #[error("the answer has no valid {0}")]
    Field(&'static str),
    #[error("a page of a list says that there is more and has nothing")]
    EndlessList,
}

impl From<Unreadable> for GatewayError {
    fn from(error: Unreadable) -> Self {
        match error {
            // Of a proxy, while Stripe cannot be reached.
            Unreadable::Status(_) => Self::Unknown(Box::new(error)),
            Unreadable::Json(_) | Unreadable::Field(_) | Unreadable::EndlessList => {
                Self::Unreadable(Box::new(error))
            }
        }
    }
}

#[derive(Deserialize)]
struct ErrorBody {
    error: ErrorFields,
}

#[derive(Deserialize)]
struct ErrorFields {
    #[serde(rename = "type")]
    kind: String,
    code: Option<String>,
    param: Option<String>,
    message: Option<String>,
}

impl ApiAnswer {
    /// The body of a success, or Stripe's error.
    ///
    /// # Errors
    /// [`Unreadable::Status`] for an error that does not have Stripe's form, such as a proxy's.
    pub(crate) fn body(self) -> Result<Result<Vec<u8>, StripeError>, Unreadable> {
        if self.status == 200 {
            return Ok(Ok(self.body));
        }
        let ErrorBody { error } =
            serde_json::from_slice(&self.body).map_err(|_| Unreadable::Status(self.status))?;
        Ok(Err(StripeError {
            is_replayed: self.is_replayed,
            status: self.status,
            kind: error.kind,
            code: error.code,
            param: error.param,
            message: error.message.unwrap_or_default(),
        }))
    }
}

impl StripeError {
    /// Whether nothing was done and nothing will be: Stripe has judged the request itself. A conflict, a rate limit, a
    /// failed dependency and a key used for another body say nothing about an earlier attempt.
    pub(crate) fn is_final(&self) -> bool {
        matches!(self.status, 400..=499)
            && !matches!(self.status, 401 | 403 | 408 | 409 | 424 | 425 | 429)
            && !matches!(self.kind.as_str(), "idempotency_error" | "api_error")
    }

    /// Whether it is a fault of Stripe's that it repeats under the key for a day.
    pub(crate) fn is_stored_failure(&self) -> bool {
        self.status >= 500 && self.is_replayed
    }

    /// Whether an object that the request names does not exist. An object of the other mode does exist: then the key is
    /// the wrong one.
    pub(crate) fn is_missing(&self) -> bool {
        matches!(self.status, 400 | 404)
            && self.code.as_deref() == Some("resource_missing")
            && !self.message.contains("similar object exists in")
    }

    /// Whether the object that the parameter names does not exist.
    pub(crate) fn is_missing_param(&self, param: &str) -> bool {
        self.is_missing() && self.param.as_deref() == Some(param)
    }

    /// The parameter whose object does not exist.
    pub(crate) fn missing_param(&self) -> Option<&str> {
        self.param.as_deref().filter(|_| self.is_missing())
    }

    /// The error of a read.
    pub(crate) fn of_read(self) -> GatewayError {
        if self.is_final() || matches!(self.status, 401 | 403) {
            GatewayError::Refused(self.to_string())
        } else {
            GatewayError::Unknown(Box::new(self))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(status: u16, kind: &str) -> StripeError {
        let body = format!(r#"{{"error":{{"type":"{kind}","message":"No."}}}}"#).into_bytes();
        ApiAnswer { is_replayed: false, status, body }.body().unwrap().unwrap_err()
    }

    #[test]
    fn only_a_judgment_of_the_request_itself_is_final() {
        for status in [400, 402, 404, 422] {
            assert!(error(status, "invalid_request_error").is_final(), "{status}");
        }
        for status in [401, 403, 408, 409, 424, 425, 429, 500, 502, 503, 504, 301] {
            assert!(!error(status, "invalid_request_error").is_final(), "{status}");
        }
        assert!(!error(400, "idempotency_error").is_final());
        assert!(!error(400, "api_error").is_final());
    }

    #[test]
    fn an_object_of_the_other_mode_is_not_missing() {
        let error = |message: &str| {
            let error = serde_json::json!({ "type": "invalid_request_error", "code": "resource_missing",
                "param": "id", "message": message });
            let body = serde_json::json!({ "error": error }).to_string().into_bytes();
            ApiAnswer { is_replayed: false, status: 404, body }.body().unwrap().unwrap_err()
        };
        assert!(error("No such subscription: 'sub_1'").is_missing());
        let other_mode = error(
            "No such subscription: 'sub_1'; a similar object exists in live mode, but a test mode key was used to \
             make this request.",
        );
        assert!(!other_mode.is_missing() && other_mode.missing_param().is_none());
    }

    #[test]
    fn an_error_page_of_a_proxy_says_nothing() {
        let answer =
            ApiAnswer { is_replayed: false, status: 400, body: b"<html>Bad Request</html>".to_vec() };
        assert!(matches!(answer.body(), Err(Unreadable::Status(400))));
    }

    #[test]
    fn a_refused_key_is_told_to_the_operator() {
        for status in [401, 403] {
            assert!(matches!(error(status, "invalid_request_error").of_read(), GatewayError::Refused(_)));
        }
        assert!(matches!(error(429, "invalid_request_error").of_read(), GatewayError::Unknown(_)));
    }
}
