use actix_web::http::StatusCode;
use billing_application::Listed;
use billing_domain::ports::FeatureFilter;

use super::settings::is_test;
use crate::lists::{List, page_request, search};
use crate::present::feature_row;
use crate::views::{FeaturesPage, Place};
use crate::web::{Reply, Visit, rendered};

pub(crate) async fn show(visit: Visit) -> Reply {
    let app = visit.app().await?;
    let request = page_request(&visit)?;
    let (search, filter) = search(&visit);
    let (app_id, filter) = (app.id.clone(), FeatureFilter { search: filter });
    let Listed { switch, page: features } = visit
        .read(move |reads, session| async move {
            reads.features(&session.workspace_id, &app_id, &filter, &request).await
        })
        .await?;
    let layout = visit.app_layout(&app, Place::Billing)?;
    let path = format!("{}/features", layout.billing());
    let list = List { path: &path, views: &[], filters: &["q"], noun: "feature" };
    let page = FeaturesPage {
        layout,
        is_test: is_test(switch),
        search,
        features: features.items.iter().map(feature_row).collect(),
        foot: list.foot(&visit, &features),
    };
    rendered(StatusCode::OK, &page)
}
