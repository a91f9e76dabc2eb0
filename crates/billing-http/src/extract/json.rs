use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{FromRequest, HttpRequest};
use serde::de::DeserializeOwned;

use super::body::{Extracting, read_in_time};
use crate::error::{ApiError, ErrorCode, Part};

const LARGEST_BODY: usize = 64 * 1024;

/// A JSON body.
pub(crate) struct RequiredJson<T>(pub T);

impl<T: DeserializeOwned> FromRequest for RequiredJson<T> {
    type Error = ApiError;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            let body = read_in_time(&request, payload, LARGEST_BODY, |_| Ok(())).await?;
            if !body.is_empty() {
                require_json(&request)?;
            }
            parse(&body).map(Self)
        })
    }
}

/// A JSON body, or the default when the body is empty.
pub(crate) struct OptionalJson<T>(pub T);

impl<T: DeserializeOwned + Default> FromRequest for OptionalJson<T> {
    type Error = ApiError;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            let body = read_in_time(&request, payload, LARGEST_BODY, |_| Ok(())).await?;
            if body.is_empty() {
                return Ok(Self(T::default()));
            }
            require_json(&request)?;
            parse(&body).map(Self)
        })
    }
}

fn require_json(request: &HttpRequest) -> Result<(), ApiError> {
    let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = content_type.and_then(|value| value.split(';').next()).unwrap_or_default();
    if essence.trim().eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    Err(ApiError::new(
        ErrorCode::UnsupportedMediaType,
        "The body must be JSON: send the header `Content-Type: application/json`.",
    ))
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    // A list would be read as the fields in order.
    if body.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
        return Err(ApiError::invalid_request("The body must be a JSON object."));
    }
    let unreadable =
        |error| ApiError::invalid_request(format!("The body cannot be read: {}.", problem(&error)));
    let mut json = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let field = error.path().to_string();
        let error = error.into_inner();
        match Part::Field(&field) {
            _ if field == "." => unreadable(error),
            part if breaks_a_rule(&error) => ApiError::unusable(&part, problem(&error)),
            part => ApiError::malformed(&part, problem(&error)),
        }
    })?;
    json.end().map_err(unreadable)?;
    Ok(value)
}

/// What serde says by itself begins with one of these; see the functions of `serde::de::Error`.
const OF_SERDE: [&str; 7] = [
    "invalid type: ",
    "invalid value: ",
    "invalid length ",
    "unknown variant ",
    "unknown field ",
    "missing field ",
    "duplicate field ",
];

/// Whether the error is one of the domain, whose types are read by their own rules.
fn breaks_a_rule(error: &serde_json::Error) -> bool {
    error.is_data() && !OF_SERDE.iter().any(|beginning| error.to_string().starts_with(beginning))
}

/// The problem, with its position only if the JSON is malformed.
fn problem(error: &serde_json::Error) -> String {
    let told = error.to_string();
    let position = format!(" at line {} column {}", error.line(), error.column());
    match told.strip_suffix(&position) {
        Some(told) if error.is_data() => told.to_owned(),
        _ => told,
    }
}

#[cfg(test)]
mod tests {
    use serde::de::{Error, Unexpected};

    use super::*;

    #[test]
    fn errors_of_rules_are_told_from_those_of_serde() {
        let of_serde: [serde_json::Error; 8] = [
            Error::invalid_type(Unexpected::Unit, &"a string"),
            Error::invalid_value(Unexpected::Signed(-1), &"a u32"),
            Error::invalid_length(1, &"a pair."),
            Error::unknown_variant("week", &["month", "year"]),
            Error::unknown_field("nmae", &["name"]),
            Error::missing_field("name"),
            Error::duplicate_field("name"),
            serde_json::from_str::<u8>("nothing").unwrap_err(),
        ];
        assert!(!of_serde.iter().any(breaks_a_rule));
        assert!(breaks_a_rule(&Error::custom("Enter a name")));
    }
}
