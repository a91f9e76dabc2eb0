use actix_web::http::StatusCode;
use billing_domain::ports::AppFilter;

use crate::lists::{List, page_request, search};
use crate::present::{environment, moment};
use crate::views::{AppRow, AppsPage, Place};
use crate::web::{Reply, Visit, rendered};

pub(crate) async fn show(visit: Visit) -> Reply {
    let request = page_request(&visit)?;
    let (search, filter) = search(&visit);
    let filter = AppFilter { search: filter };
    let apps = visit
        .read(|reads, session| async move { reads.apps(&session.workspace_id, &filter, &request).await })
        .await?;
    let row = |app: &billing_domain::App| AppRow {
        id: app.id.to_string(),
        name: app.details.name.to_string(),
        environments: app
            .environments
            .iter()
            .map(|known| environment(known.kind))
            .collect::<Vec<_>>()
            .join(", "),
        created: moment(app.created_at),
    };
    let list = List { path: "/app", views: &[], filters: &["q"], noun: "app" };
    let page = AppsPage {
        layout: visit.layout(Place::Apps)?,
        search,
        apps: apps.items.iter().map(row).collect(),
        foot: list.foot(&visit, &apps),
    };
    rendered(StatusCode::OK, &page)
}
