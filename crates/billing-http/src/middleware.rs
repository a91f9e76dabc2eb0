use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue, TRANSFER_ENCODING,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use actix_web::middleware::Next;
use actix_web::{Error, ResponseError, web};
use tracing::Instrument;

use crate::BillingApi;
use crate::connection::Activity;
use crate::endpoint::RoutePath;
use crate::error::{ApiError, ErrorCode};
use crate::request_id::{self, REQUEST_ID};
use crate::slices::in_slices;

/// The outermost layer: the request id, error bodies, response headers, log line and metrics.
pub(crate) async fn observe(
    api: web::Data<BillingApi>,
    mut request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let began = Instant::now();
    let _in_handler =
        request.conn_data::<Rc<Activity>>().map(|connection| connection.handle(has_body(request.headers())));
    let request_id = request_id::of_request(request.headers(), || api.ids.uuid_v7());
    // Set first: any layer may show it.
    let id_header = HeaderValue::from_str(&request_id).map_err(ApiError::internal)?;
    request.headers_mut().insert(REQUEST_ID, id_header.clone());
    let span = tracing::info_span!("request", %request_id);
    let answered = next.call(request).instrument(span.clone()).await?;
    let _entered = span.enter();

    let mut response = with_error_body(answered, &request_id).map_body(|_, body| in_slices(body));
    let status = response.status();
    add_headers(response.headers_mut(), id_header);
    let took = began.elapsed();
    let asked = response.request();
    // A request refused before its route was matched has no path.
    let route = asked.app_data::<RoutePath>().map(|route| Arc::clone(&route.0));
    let route = route.or_else(|| asked.match_pattern().map(Into::into));
    api.metrics.observe_request(asked.method(), route, status.as_u16(), took);
    tracing::debug!(method = %asked.method(), path = asked.path(), status = status.as_u16(), ?took, "answered");
    Ok(response)
}

fn has_body(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_LENGTH).is_some_and(|length| length != "0") || headers.contains_key(TRANSFER_ENCODING)
}

/// Adds the headers that every answer has.
pub(crate) fn add_headers(headers: &mut HeaderMap, request_id: HeaderValue) {
    headers.insert(REQUEST_ID, request_id);
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if !headers.contains_key(X_FRAME_OPTIONS) {
        headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    }
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// Writes the body of an error with the request id, and logs its cause. An error page is not changed.
fn with_error_body(answered: ServiceResponse<BoxBody>, request_id: &str) -> ServiceResponse<BoxBody> {
    let is_page = is_page(&answered);
    let Some(error) = answered.response().error() else {
        return match bare_refusal(&answered) {
            Some(error) if !is_page => answered.into_response(error.respond(request_id)),
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

/// The error of a response that has a status only: the dashboard leaves the body to the API where no page is wanted.
fn bare_refusal(answered: &ServiceResponse<BoxBody>) -> Option<ApiError> {
    match answered.status() {
        StatusCode::NOT_FOUND => Some(ApiError::not_found()),
        StatusCode::METHOD_NOT_ALLOWED => {
            let allowed = answered.headers().get(ALLOW).and_then(|methods| methods.to_str().ok());
            Some(ApiError::method_not_allowed(allowed.unwrap_or_default()))
        }
        _ => None,
    }
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
