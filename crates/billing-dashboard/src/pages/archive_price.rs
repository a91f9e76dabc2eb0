use actix_web::http::StatusCode;
use billing_application::ArchivePrice;
use billing_domain::PriceId;

use super::plan::{offer, path};
use crate::views::{ArchivePricePage, Section};
use crate::web::{Failure, Flash, Reply, Submission, Visit, redirect, rendered};

pub(crate) async fn show(visit: Visit) -> Reply {
    let app = visit.app().await?;
    let offer = offer(&visit, &app).await?;
    let id: PriceId = visit.of_path("price_id")?;
    let price = offer.price(id).ok_or_else(Failure::not_found)?;
    if !price.is_offered() {
        return Ok(redirect(&path(&app, offer.plan.id)));
    }
    let page = ArchivePricePage {
        layout: visit.app_layout(&app, Section::AppBilling)?,
        app_id: app.id.to_string(),
        plan_id: offer.plan.id.to_string(),
        price_id: price.id.to_string(),
        price: price.terms.to_string(),
        form: visit.confirming(),
    };
    rendered(StatusCode::OK, &page)
}

pub(crate) async fn take(submission: Submission) -> Reply {
    let administrator = submission.administrator()?;
    let visit = &submission.visit;
    let app = visit.app().await?;
    let (plan_id, price_id) = (visit.of_path("plan_id")?, visit.of_path("price_id")?);
    let change = ArchivePrice { app_id: app.id.clone(), plan_id, price_id };
    visit.change(administrator, change).await??;
    visit.done(Flash::PriceArchived, &path(&app, plan_id))
}
