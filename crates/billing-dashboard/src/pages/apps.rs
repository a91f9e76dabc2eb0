use actix_web::http::StatusCode;

use crate::present::{moment, page_request, pager};
use crate::views::{AppRow, AppsPage, Section};
use crate::web::{Reply, Visit, rendered};

pub(crate) async fn show(visit: Visit) -> Reply {
    let request = page_request(&visit)?;
    let apps =
        visit.read(|reads, session| async move { reads.apps(&session.workspace_id, &request).await }).await?;
    let row = |app: &billing_domain::App| AppRow {
        id: app.id.to_string(),
        name: app.details.name.to_string(),
        created: moment(app.created_at),
    };
    let page = AppsPage {
        layout: visit.layout(Section::Apps)?,
        apps: apps.items.iter().map(row).collect(),
        pager: pager(&visit, "/app", apps.next_cursor),
    };
    rendered(StatusCode::OK, &page)
}
