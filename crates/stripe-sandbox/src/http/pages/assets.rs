//! What pages are drawn with.

use actix_web::{
    HttpResponse,
    http::header,
    web::{self, ServiceConfig},
};

use crate::pages::views::{ICON, STYLES};

pub fn configure(config: &mut ServiceConfig) {
    config
        .route("/_sandbox/assets/sandbox.css", web::get().to(styles))
        .route("/_sandbox/assets/icon.svg", web::get().to(icon));
}

async fn styles() -> HttpResponse {
    asset("text/css; charset=utf-8", STYLES)
}

async fn icon() -> HttpResponse {
    asset("image/svg+xml", ICON)
}

/// For a few minutes, so that a newer sandbox is soon seen.
fn asset(content_type: &'static str, body: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(content_type)
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(body)
}
