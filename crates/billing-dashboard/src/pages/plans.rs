use actix_web::http::StatusCode;
use billing_application::Listed;
use billing_domain::ports::PlanFilter;
use billing_domain::{PayerKind, PlanOffer};

use super::settings::is_test;
use crate::lists::{List, page_request, search};
use crate::present::{moment, payers, price_row};
use crate::views::{BillingOffPage, Place, PlanRow, PlansPage, Status};
use crate::web::{Failure, Reply, Visit, redirect, rendered};

/// The maximum number of prices of a plan in the list.
const PRICES_SHOWN: usize = 4;

pub(crate) async fn show(visit: Visit) -> Reply {
    let app = visit.app().await?;
    let request = page_request(&visit)?;
    let (search, text) = search(&visit);
    let asked_payers = visit.of_query("for").unwrap_or_default();
    if !asked_payers.is_empty() && asked_payers.parse::<PayerKind>().is_err() {
        return Ok(redirect(&format!("/app/{}/billing", app.id)));
    }
    let archived = visit.of_query("archived").as_deref() == Some("true");
    let filter = PlanFilter { archived, search: text, payer_kind: asked_payers.parse().ok() };
    let layout = visit.app_layout(&app, Place::Billing)?;
    let app_id = app.id.clone();
    let plans = visit
        .read(move |reads, session| async move {
            reads.plans(&session.workspace_id, &app_id, &filter, &request).await
        })
        .await;
    let Listed { switch, page: plans } = match plans {
        Ok(plans) => plans,
        Err(Failure::BillingOff) => return rendered(StatusCode::OK, &BillingOffPage { layout }),
        Err(failure) => return Err(failure),
    };
    let list = List { path: &layout.billing(), views: &["archived"], filters: &["q", "for"], noun: "plan" };
    let page = PlansPage {
        is_test: is_test(switch),
        archived,
        search,
        payers: asked_payers,
        plans: plans.items.iter().map(row).collect(),
        foot: list.foot(&visit, &plans),
        layout,
    };
    rendered(StatusCode::OK, &page)
}

fn row(offer: &PlanOffer) -> PlanRow {
    let plan = &offer.plan;
    PlanRow {
        id: plan.id.to_string(),
        name: plan.details.name.to_string(),
        key: plan.key.to_string(),
        status: Status::plan(offer),
        payers: payers(plan.payer_kind),
        prices: offer.offered_prices().take(PRICES_SHOWN).map(price_row).collect(),
        more_prices: offer.offered_prices().count().saturating_sub(PRICES_SHOWN),
        no_prices: if plan.details.is_default { "Free" } else { "No prices yet" },
        feature_count: offer.features.len(),
        created: moment(plan.created_at),
    }
}
