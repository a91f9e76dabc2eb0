use actix_web::http::StatusCode;
use billing_application::{Page, PageRequest};
use billing_domain::{App, Feature};

use crate::present::{feature_row, page_request, pager};
use crate::views::{FeaturesPage, Section};
use crate::web::{Failure, Reply, Visit, rendered};

pub(crate) async fn show(visit: Visit) -> Reply {
    let app = visit.app().await?;
    let features = features(&visit, &app, page_request(&visit)?).await?;
    let page = FeaturesPage {
        layout: visit.app_layout(&app, Section::AppBilling)?,
        app_id: app.id.to_string(),
        features: features.items.iter().map(feature_row).collect(),
        pager: pager(&visit, &format!("/app/{}/billing/features", app.id), features.next_cursor),
    };
    rendered(StatusCode::OK, &page)
}

/// A page of the app's features.
pub(super) async fn features(
    visit: &Visit,
    app: &App,
    request: PageRequest,
) -> Result<Page<Feature>, Failure> {
    let app_id = app.id.clone();
    let features = visit.read(move |reads, session| async move {
        reads.features(&session.workspace_id, &app_id, &request).await
    });
    features.await
}
