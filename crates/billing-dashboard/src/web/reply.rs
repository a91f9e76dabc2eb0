use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, HeaderName, LOCATION, REFERRER_POLICY,
    X_FRAME_OPTIONS,
};
use actix_web::web::Bytes;
use actix_web::{HttpResponse, HttpResponseBuilder};
use askama::Template;
use futures_util::{Stream, TryStreamExt};
use tracing::Span;

use super::{Failure, Visit};

/// The result of a handler.
pub(crate) type Reply = Result<HttpResponse, Failure>;

/// Own files only, no inline scripts, no framing.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
/// A file's address contains its version, so browsers never revalidate it.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// A page.
pub(crate) fn rendered(status: StatusCode, page: &impl Template) -> Reply {
    let html = page.render().map_err(Failure::internal)?;
    Ok(protected(status)
        .insert_header((CACHE_CONTROL, "no-store"))
        .content_type("text/html; charset=utf-8")
        .body(html))
}

/// A redirect, followed with GET.
pub(crate) fn redirect(path: &str) -> HttpResponse {
    redirect_with(StatusCode::SEE_OTHER, path)
}

/// A redirect to the address that is meant, followed with the same method.
pub(crate) fn redirect_for_good(path: &str) -> HttpResponse {
    redirect_with(StatusCode::PERMANENT_REDIRECT, path)
}

fn redirect_with(status: StatusCode, path: &str) -> HttpResponse {
    protected(status).insert_header((CACHE_CONTROL, "no-store")).insert_header((LOCATION, path)).finish()
}

/// A compiled-in file.
pub(crate) fn asset(content_type: &'static str, bytes: &'static str, for_ever: bool) -> HttpResponse {
    protected(StatusCode::OK)
        .insert_header((CACHE_CONTROL, if for_ever { FOR_EVER } else { "no-store" }))
        .content_type(content_type)
        .body(bytes)
}

/// A file that is made while it is sent. What fails meanwhile ends the connection, so that the file is not taken for whole.
pub(crate) fn downloaded<S>(visit: &Visit, content_type: &'static str, name: &str, parts: S) -> HttpResponse
where
    S: Stream<Item = Result<Bytes, Failure>> + 'static,
{
    let (path, span) = (visit.path().to_owned(), Span::current());
    let parts = parts.inspect_err(move |failure| span.in_scope(|| failure.log(&path)));
    protected(StatusCode::OK)
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .content_type(content_type)
        .streaming(parts.map_err(|_| "the download was not finished"))
}

fn protected(status: StatusCode) -> HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    response
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((X_FRAME_OPTIONS, "DENY"))
        .insert_header((REFERRER_POLICY, "same-origin"))
        .insert_header((OPENER_POLICY, "same-origin"));
    response
}
