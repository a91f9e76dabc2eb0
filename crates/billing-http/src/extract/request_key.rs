use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use billing_domain::RequestKey;
use utoipa::IntoParams;

use crate::error::{ApiError, Part};

const NAME: &str = "Idempotency-Key";

/// The optional idempotency key: the header `Idempotency-Key`.
pub(crate) struct RequestKeyHeader(pub Option<RequestKey>);

/// How it is documented.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it is only described; the header is read by itself")]
pub(crate) struct RequestKeyParameter {
    /// A name for this request, new for each: 1 to 255 visible ASCII characters. Sent again with the same body
    /// within 24 hours, it does nothing and gets the first answer; with another body it is refused.
    #[param(
        rename = "Idempotency-Key",
        value_type = String,
        required = false,
        min_length = 1,
        max_length = 255,
        pattern = "^[!-~]+$",
        example = "0b6f3c1e-6d0c-4c5e-9e3b-9f3c8a6a2f10"
    )]
    idempotency_key: Option<String>,
}

/// The idempotency key of a request that must have one: a repeat without it would do the same again.
pub(crate) struct RequiredKeyHeader(pub RequestKey);

/// How it is documented.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it is only described; the header is read by itself")]
pub(crate) struct RequiredKeyParameter {
    /// The name of this refund, new for each: 1 to 255 visible ASCII characters. A request with a known name and the
    /// same body within 24 hours is a repeat: it refunds nothing again. With another body it is refused.
    #[param(
        rename = "Idempotency-Key",
        value_type = String,
        min_length = 1,
        max_length = 255,
        pattern = "^[!-~]+$",
        example = "0b6f3c1e-6d0c-4c5e-9e3b-9f3c8a6a2f10"
    )]
    idempotency_key: String,
}

impl FromRequest for RequiredKeyHeader {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let RequestKeyHeader(key) = match RequestKeyHeader::from_request(request, payload).into_inner() {
            Ok(given) => given,
            Err(error) => return ready(Err(error)),
        };
        let missing = "it is missing: a repeated refund is told from a second one by it";
        ready(key.map(Self).ok_or_else(|| ApiError::malformed(&Part::Header(NAME), missing)))
    }
}

impl FromRequest for RequestKeyHeader {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let mut given = request.headers().get_all(NAME);
        let Some(key) = given.next() else { return ready(Ok(Self(None))) };
        if given.next().is_some() {
            return ready(Err(ApiError::malformed(&Part::Header(NAME), "it is there more than once")));
        }
        // A value that is no text breaks the rule of keys.
        let key = RequestKey::parse(key.to_str().unwrap_or_default());
        ready(key.map(|key| Self(Some(key))).map_err(|error| ApiError::unusable(&Part::Header(NAME), error)))
    }
}
