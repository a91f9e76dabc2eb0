use actix_web::http::StatusCode;
use billing_application::{Page, PageRequest};
use billing_domain::{App, PlanOffer, Visibility};

use crate::present::{page_request, pager, payers, prices};
use crate::views::{BillingOffPage, PlanRow, PlansPage, Section};
use crate::web::{Failure, Reply, Visit, rendered};

pub(crate) async fn show(visit: Visit) -> Reply {
    let app = visit.app().await?;
    let request = page_request(&visit)?;
    let archived = visit.of_query("archived").as_deref() == Some("true");
    let layout = visit.app_layout(&app, Section::AppBilling)?;
    let app_id = app.id.to_string();
    let plans = match plans(&visit, &app, archived, request).await {
        Ok(plans) => plans,
        Err(Failure::BillingOff) => return rendered(StatusCode::OK, &BillingOffPage { layout, app_id }),
        Err(failure) => return Err(failure),
    };
    let filter = if archived { "?archived=true" } else { "" };
    let page = PlansPage {
        layout,
        archived,
        plans: plans.items.iter().map(row).collect(),
        pager: pager(&visit, &format!("/app/{app_id}/billing{filter}"), plans.next_cursor),
        app_id,
    };
    rendered(StatusCode::OK, &page)
}

/// A page of the app's active plans, or of its archived ones.
pub(super) async fn plans(
    visit: &Visit,
    app: &App,
    archived: bool,
    request: PageRequest,
) -> Result<Page<PlanOffer>, Failure> {
    let app_id = app.id.clone();
    let plans = visit.read(move |reads, session| async move {
        reads.plans(&session.workspace_id, &app_id, archived, &request).await
    });
    plans.await
}

fn row(offer: &PlanOffer) -> PlanRow {
    let plan = &offer.plan;
    PlanRow {
        id: plan.id.to_string(),
        name: plan.details.name.to_string(),
        key: plan.key.to_string(),
        payers: payers(plan.payer_kind).to_owned(),
        prices: prices(offer),
        feature_count: offer.features.len().to_string(),
        is_default: plan.details.is_default,
        is_hidden: plan.details.visibility == Visibility::Hidden,
    }
}
