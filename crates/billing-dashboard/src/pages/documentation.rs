use std::sync::LazyLock;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use crate::views::{DocumentationPage, Section};
use crate::web::{Reply, Visit, rendered};

const MARKDOWN: &str = include_str!("../../../../docs/enable-billing.md");

static HTML: LazyLock<String> = LazyLock::new(|| {
    let mut html = String::new();
    let parser = pulldown_cmark::Parser::new_ext(MARKDOWN, pulldown_cmark::Options::ENABLE_TABLES);
    pulldown_cmark::html::push_html(&mut html, parser);
    html
});

pub(crate) async fn show(visit: Visit) -> Reply {
    let page = DocumentationPage { layout: visit.frame(Section::Documentation), trusted_html: HTML.clone() };
    rendered(StatusCode::OK, &page)
}

pub(crate) async fn show_text(_: Visit) -> Reply {
    Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(MARKDOWN))
}
