//! Pages as answers: the headers that each has, and what is said when there is no page to show.

use std::fmt;

use actix_web::{
    HttpResponse, HttpResponseBuilder, ResponseError,
    http::{
        StatusCode,
        header::{self, HeaderValue},
    },
};
use askama::Template;

use crate::{
    pages::views::{ErrorPage, Fact, Link},
    wire::ApiError,
};

/// No `form-action`: Chromium would hold back the redirect to a shop that follows a payment.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'; base-uri 'none'";

pub type Said = Result<HttpResponse, PageError>;

/// # Errors
///
/// A template that cannot be rendered, which is a mistake of the sandbox.
pub fn page(view: &impl Template) -> Said {
    page_with(StatusCode::OK, view)
}

/// As [`page`], for a form that was not accepted and the like.
///
/// # Errors
///
/// See [`page`].
pub fn page_with(status: StatusCode, view: &impl Template) -> Said {
    let html = view.render().map_err(|error| {
        tracing::error!(%error, "a page cannot be rendered");
        PageError::internal("The page cannot be shown. The sandbox's log says why.")
    })?;
    Ok(headed(status).body(html))
}

/// The headers of everything a browser shows. Another site learns nothing of an address, which may be a secret; our
/// own forms must say where they come from.
fn headed(status: StatusCode) -> HttpResponseBuilder {
    let mut builder = HttpResponse::build(status);
    builder
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::REFERRER_POLICY, "same-origin"));
    builder
}

/// Sends the browser on after a form.
///
/// # Errors
///
/// An address that cannot be in a header.
pub fn see_other(location: &str) -> Said {
    let location = HeaderValue::from_str(location).map_err(|_| {
        PageError::bad("This address does not work", "The browser cannot be sent back to it.")
    })?;
    let mut builder = headed(StatusCode::SEE_OTHER);
    Ok(builder.insert_header((header::LOCATION, location)).finish())
}

/// Why there is no page to show. It is shown as one.
#[derive(Debug)]
pub struct PageError {
    status: StatusCode,
    heading: String,
    text: String,
    facts: Vec<(String, String)>,
}

impl PageError {
    fn new(status: StatusCode, heading: &str, text: impl Into<String>) -> Self {
        Self { status, heading: heading.to_owned(), text: text.into(), facts: Vec::new() }
    }

    /// What was sent cannot be used.
    pub fn bad(heading: &str, text: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, heading, text)
    }

    /// There is nothing at the address, or nothing that its visitor may see: the same answer for both. `what` is such
    /// as "session".
    pub fn not_found(what: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            &format!("There is no such {what}"),
            "The address may be incomplete, or the sandbox has been reset since.",
        )
    }

    /// A form that was posted by a page of another site.
    pub fn foreign() -> Self {
        let text = "The form was sent by a page of another site. Open the page here and send it again.";
        Self::new(StatusCode::FORBIDDEN, "This form was not accepted", text)
    }

    /// A request to a name that is not the sandbox's.
    pub fn unknown_name(text: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "This is not the sandbox's name", text)
    }

    pub fn too_large() -> Self {
        let text = "What was sent is larger than any form here.";
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "This form is too large", text)
    }

    pub fn internal(text: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong", text)
    }

    /// Shows what was sent that was wrong.
    #[must_use]
    pub fn with(mut self, label: &str, value: &str) -> Self {
        self.facts.push((label.to_owned(), value.to_owned()));
        self
    }
}

impl From<ApiError> for PageError {
    fn from(error: ApiError) -> Self {
        let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let heading = if status.is_server_error() { "Something went wrong" } else { "This cannot be done" };
        Self::new(status, heading, error.message)
    }
}

impl fmt::Display for PageError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.heading, self.text)
    }
}

impl ResponseError for PageError {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let facts =
            self.facts.iter().map(|(label, value)| Fact { label: label.clone(), value: value.clone() });
        let view = ErrorPage {
            status: self.status.as_u16(),
            heading: self.heading.clone(),
            text: self.text.clone(),
            facts: facts.collect(),
            link: Some(Link { href: "/".to_owned(), text: "To the sandbox's home page".to_owned() }),
        };
        let html = view.render().unwrap_or_else(|_| "Something went wrong.".to_owned());
        headed(self.status).body(html)
    }
}
