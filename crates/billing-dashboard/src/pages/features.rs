use actix_web::http::StatusCode;
use billing_domain::Feature;

use crate::present::{description, page_request, pager};
use crate::views::{FeatureRow, FeaturesPage, Section};
use crate::web::{Reply, Visit, rendered};

pub(crate) async fn show(visit: Visit) -> Reply {
    let app = visit.app().await?;
    let (app_id, request) = (app.id.clone(), page_request(&visit)?);
    let features =
        visit
            .read(move |reads, session| async move {
                reads.features(&session.workspace_id, &app_id, &request).await
            })
            .await?;
    let row = |feature: &Feature| FeatureRow {
        key: feature.key.to_string(),
        name: feature.details.name.to_string(),
        description: description(feature),
    };
    let page = FeaturesPage {
        layout: visit.app_layout(&app, Section::AppBilling)?,
        app_id: app.id.to_string(),
        features: features.items.iter().map(row).collect(),
        pager: pager(&visit, &format!("/app/{}/billing/features", app.id), features.next_cursor),
    };
    rendered(StatusCode::OK, &page)
}
