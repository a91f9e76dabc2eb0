//! The API's reference as a page, made from the `OpenAPI` document. It needs no script.

mod html;
mod page;
mod schema;
#[cfg(test)]
mod tests;

use std::future::ready;
use std::sync::LazyLock;

use actix_web::http::header::{CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, LOCATION, REFERRER_POLICY};
use actix_web::web::{Bytes, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde_json::Value;

use crate::BillingApi;
use crate::endpoint::endpoint;
use crate::error::ApiError;
use crate::files::File;
use page::ReferencePage;

const PAGE: &str = "/docs/api/";
const STYLES: &str = "/docs/api/reference.css";

static STYLE_SHEET: LazyLock<File> = LazyLock::new(|| {
    let text = include_str!("../../assets/reference.css");
    File::new(HeaderValue::from_static("text/css; charset=utf-8"), Bytes::from_static(text.as_bytes()))
});

/// The page's own style sheet and the dashboard's icon, and nothing inline.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; base-uri 'none'; \
    frame-ancestors 'none'";

const HEADERS: [(HeaderName, HeaderValue); 3] = [
    (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
];

pub(crate) fn mount(config: &mut ServiceConfig) {
    config.service(endpoint("", "/docs/api").get(to_page)).service(endpoint("", PAGE).get(show)).service(
        endpoint("", STYLES).get(|request: HttpRequest| ready(STYLE_SHEET.answer(&request, &HEADERS))),
    );
}

/// The page of a document.
///
/// # Errors
/// When it cannot be rendered.
pub(crate) fn rendered(document: &Value) -> Result<File, ApiError> {
    let page = ReferencePage::of(document).render().map_err(ApiError::internal)?;
    Ok(File::new(HeaderValue::from_static("text/html; charset=utf-8"), page.into()))
}

async fn show(request: HttpRequest, api: Data<BillingApi>) -> Result<HttpResponse, ApiError> {
    Ok(api.document.page()?.answer(&request, &HEADERS))
}

async fn to_page() -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, PAGE)).finish()
}
