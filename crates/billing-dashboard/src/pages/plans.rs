use actix_web::http::StatusCode;
use billing_domain::{PlanOffer, Visibility};

use crate::present::{page_request, pager, payers, prices};
use crate::views::{BillingOffPage, PlanRow, PlansPage, Section};
use crate::web::{Failure, Reply, Visit, rendered};

pub(crate) async fn show(visit: Visit) -> Reply {
    let app = visit.app().await?;
    let request = page_request(&visit)?;
    let archived = visit.of_query("archived").as_deref() == Some("true");
    let app_id = app.id.clone();
    let plans = visit.read(move |reads, session| async move {
        reads.plans(&session.workspace_id, &app_id, archived, &request).await
    });
    let layout = visit.app_layout(&app, Section::AppBilling)?;
    let app_id = app.id.to_string();
    let plans = match plans.await {
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
