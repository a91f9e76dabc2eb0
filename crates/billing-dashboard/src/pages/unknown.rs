//! Addresses that are not there, and methods an address does not take. A browser gets a page; to anybody else the API
//! answers, which gives the bare status a body.

use actix_web::dev::ResourceDef;
use std::sync::LazyLock;

use actix_web::http::header::{ALLOW, Accept, Header, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use crate::Dashboard;
use crate::routes::{Route, routes};
use crate::web::{Failure, Visit, redirect_for_good};

static PAGES: LazyLock<Vec<ResourceDef>> = LazyLock::new(|| {
    let pages = routes().into_iter().filter(Route::is_page);
    pages.map(|route| ResourceDef::new(route.path)).collect()
});

pub(crate) async fn answer(dashboard: Data<Dashboard>, request: HttpRequest) -> HttpResponse {
    match page_before_the_slash(&request) {
        Some(page) => redirect_for_good(&page),
        None => refuse(Failure::not_found(), StatusCode::NOT_FOUND, dashboard, request).await,
    }
}

pub(crate) async fn refuse_method(
    allowed: String,
    dashboard: Data<Dashboard>,
    request: HttpRequest,
) -> HttpResponse {
    let status = StatusCode::METHOD_NOT_ALLOWED;
    let mut response = refuse(Failure::method_not_allowed(), status, dashboard, request).await;
    if let Ok(allowed) = HeaderValue::from_str(&allowed) {
        response.headers_mut().insert(ALLOW, allowed);
    }
    response
}

async fn refuse(
    failure: Failure,
    status: StatusCode,
    dashboard: Data<Dashboard>,
    request: HttpRequest,
) -> HttpResponse {
    if !wants_page(&request) {
        return HttpResponse::new(status);
    }
    let (visit, _) = Visit::begin(dashboard, request).await;
    visit.finish(Err(failure))
}

/// Whether HTML is what the client would rather have.
fn wants_page(request: &HttpRequest) -> bool {
    let preferred = Accept::parse(request).map(|accepted| accepted.preference());
    preferred.is_ok_and(|preferred| matches!(preferred.essence_str(), "text/html" | "application/xhtml+xml"))
}

/// The page whose address was asked for with a slash behind it. It is one of ours, so it leads to no other host.
fn page_before_the_slash(request: &HttpRequest) -> Option<String> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return None;
    }
    let path = request.path().trim_end_matches('/');
    let is_page = path.len() < request.path().len() && PAGES.iter().any(|page| page.is_match(path));
    let query = request.uri().query().map_or_else(String::new, |query| format!("?{query}"));
    is_page.then(|| format!("{path}{query}"))
}
