use std::sync::Arc;
use std::time::Instant;

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_TYPE, HeaderValue, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use actix_web::middleware::Next;
use actix_web::{Error, ResponseError, web};
use tracing::Instrument;

use crate::BillingApi;
use crate::endpoint::RoutePath;
use crate::error::{ApiError, ErrorCode};
use crate::request_id::{self, REQUEST_ID};

/// The outermost layer: the request id, error bodies, response headers, log line and metrics.
pub(crate) async fn observe(
    api: web::Data<BillingApi>,
    mut request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let began = Instant::now();
    let request_id = request_id::of_request(request.headers(), || api.ids.uuid_v7());
    // Set first: any layer may show it.
    let id_header = HeaderValue::from_str(&request_id).map_err(ApiError::internal)?;
    request.headers_mut().insert(REQUEST_ID, id_header.clone());
    let span = tracing::info_span!("request", %request_id);
    let answered = next.call(request).instrument(span.clone()).await?;
    let _entered = span.enter();

    let mut response = with_error_body(answered, &request_id);
    let status = response.status();
    let headers = response.headers_mut();
    headers.insert(REQUEST_ID, id_header);
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if !headers.contains_key(X_FRAME_OPTIONS) {
        headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    }
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    let took = began.elapsed();
    let asked = response.request();
    // A request refused before its route was matched has no path.
    let route = asked.app_data::<RoutePath>().map(|route| Arc::clone(&route.0));
    let route = route.or_else(|| asked.match_pattern().map(Into::into));
    api.metrics.observe_request(asked.method(), route, status.as_u16(), took);
    tracing::debug!(method = %asked.method(), path = asked.path(), status = status.as_u16(), ?took, "answered");
    Ok(response)
}

/// Writes the body of an error with the request id, and logs its cause. An error page is not changed.
fn with_error_body(answered: ServiceResponse<BoxBody>, request_id: &str) -> ServiceResponse<BoxBody> {
    let is_page = is_page(&answered);
    let Some(error) = answered.response().error() else {
        // A response of the file handler has a status only.
        return match answered.status() {
            StatusCode::NOT_FOUND if !is_page => {
                answered.into_response(ApiError::not_found().respond(request_id))
            }
            _ => answered,
        };
    };
    let foreign;
    let error = if let Some(error) = error.as_error::<ApiError>() {
        error
    } else {
        // An error of actix itself, which is plain text, or of a page.
        foreign = if answered.status().is_server_error() {
            ApiError::internal(error.to_string())
        } else {
            ApiError::new(ErrorCode::InvalidRequest, "The request cannot be read.")
        };
        &foreign
    };
    let (method, path) = (answered.request().method(), answered.request().path());
    if error.status_code().is_server_error() {
        tracing::error!(code = ?error.code(), %method, path, cause = %error.chain(), "the request failed");
    } else {
        tracing::debug!(code = ?error.code(), %method, path, cause = %error.chain(), "the request was refused");
    }
    if is_page {
        return answered;
    }
    let response = error.respond(request_id);
    answered.into_response(response)
}

/// Whether the response belongs to the dashboard and needs no error body. actix's own errors are plain text, and do
/// not.
fn is_page(answered: &ServiceResponse<BoxBody>) -> bool {
    let content_type = answered.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    match content_type.and_then(|value| value.split(';').next()).map(str::trim) {
        Some("text/html" | "text/css" | "text/javascript" | "application/javascript") => true,
        Some("text/plain") => answered.response().error().is_none(),
        _ => false,
    }
}
