use std::sync::LazyLock;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use crate::markdown;
use crate::views::{Document, DocumentationPage, Place};
use crate::web::{Reply, Visit, rendered};

const GUIDE: &str = include_str!("../../../../docs/enable-billing.md");
const PROMPT: &str = include_str!("../../../../docs/enable-billing.prompt.md");
const ERRORS: &str = include_str!("../../../../docs/errors.md");

static GUIDE_PAGE: LazyLock<Document> = LazyLock::new(|| {
    let links = vec![
        ("/docs/api/", "API reference"),
        ("/docs/errors", "Errors"),
        ("/docs/enable-billing.md", "Read as plain text"),
    ];
    let prompt = Some("/docs/enable-billing.prompt.md");
    Document { links, prompt, ..markdown::document("/docs/enable-billing", GUIDE) }
});

static ERRORS_PAGE: LazyLock<Document> = LazyLock::new(|| {
    let links = vec![("/docs/api/", "API reference"), ("/docs/enable-billing", "Enable billing")];
    Document { links, is_wide: true, ..markdown::document("/docs/errors", ERRORS) }
});

pub(crate) async fn show(visit: Visit) -> Reply {
    page(&visit, &GUIDE_PAGE)
}

pub(crate) async fn show_errors(visit: Visit) -> Reply {
    page(&visit, &ERRORS_PAGE)
}

pub(crate) async fn show_text(_: Visit) -> Reply {
    Ok(text(GUIDE.to_owned()))
}

pub(crate) async fn show_prompt(_: Visit) -> Reply {
    Ok(text(format!("{PROMPT}\n{GUIDE}")))
}

fn page(visit: &Visit, document: &'static Document) -> Reply {
    rendered(StatusCode::OK, &DocumentationPage { layout: visit.layout(Place::Guide).ok(), document })
}

fn text(text: String) -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(text)
}
