//! The answers to requests that cannot be read as HTTP. They have no method and no path, and no middleware sees them.

use std::fmt::Write;
use std::sync::Arc;

use actix_web::body::MessageBody;
use actix_web::http::StatusCode;
use actix_web::http::header::HeaderValue;
use actix_web::web::Bytes;
use billing_domain::type_id;

use crate::BillingApi;
use crate::error::ApiError;
use crate::middleware::add_headers;

/// Makes the whole answer of a status, with the `date` of these header lines, and counts and logs it as others are.
pub(crate) fn unreadable(api: &BillingApi) -> impl Fn(StatusCode, &str) -> Bytes + use<> {
    let (ids, metrics) = (Arc::clone(&api.ids), api.metrics.clone());
    move |status, headers| {
        let request_id = type_id("req", ids.uuid_v7());
        let error = ApiError::unreadable(status);
        tracing::debug!(%request_id, code = ?error.code(), "a request that is not HTTP was refused");
        metrics.observe_unreadable(error.code().status());
        written(&error, &request_id, headers.lines().find(|line| line.starts_with("date: ")))
    }
}

fn written(error: &ApiError, request_id: &str, date: Option<&str>) -> Bytes {
    let mut response = error.respond(request_id);
    if let Ok(request_id) = HeaderValue::from_str(request_id) {
        add_headers(response.headers_mut(), request_id);
    }
    let mut text = format!("HTTP/1.1 {}\r\n", response.status());
    for (name, value) in response.headers() {
        let value = String::from_utf8_lossy(value.as_bytes());
        // Writing to a text does not fail.
        let _ = write!(text, "{name}: {value}\r\n");
    }
    let body = response.into_body().try_into_bytes().unwrap_or_default();
    let length = body.len();
    let _ = write!(text, "connection: close\r\ncontent-length: {length}\r\n");
    if let Some(date) = date {
        let _ = write!(text, "{date}\r\n");
    }
    Bytes::from([text.as_bytes(), b"\r\n", &body].concat())
}
