//! What is stored: lists, single objects and events.

use actix_web::web::{self, Path, ServiceConfig};
use serde::Deserialize;

use super::{PageError, PageQuery, Said, Sandbox, flash::Before, page, visit};
use crate::{
    pages::present::objects::{event_page, object_page, page as objects_page},
    store::Kind,
};

pub fn configure(config: &mut ServiceConfig) {
    config
        .route("/_sandbox/objects", web::get().to(list))
        .route("/_sandbox/objects/{account}/{id}", web::get().to(show))
        .route("/_sandbox/events/{id}", web::get().to(event));
}

#[derive(Deserialize)]
struct List {
    #[serde(rename = "type", default)]
    object_type: String,
    cursor: Option<u64>,
}

async fn list(shared: Sandbox, PageQuery(list): PageQuery<List>) -> Said {
    let kind = Kind::named(&list.object_type).filter(|kind| kind.is_public());
    if kind.is_none() && !list.object_type.is_empty() {
        return Err(PageError::not_found("type").with("type", &list.object_type));
    }
    visit(&shared, |world| page(&objects_page(world, kind, list.cursor)))
}

async fn show(shared: Sandbox, path: Path<(String, String)>) -> Said {
    let (account, id) = path.into_inner();
    let none = || PageError::not_found("object");
    visit(&shared, |world| page(&object_page(world, &account, &id).ok_or_else(none)?))
}

async fn event(shared: Sandbox, id: Path<String>, before: Before) -> Said {
    let none = || PageError::not_found("event");
    let shown = visit(&shared, |world| page(&event_page(world, &id, before.words()).ok_or_else(none)?));
    before.told_by(shown)
}
