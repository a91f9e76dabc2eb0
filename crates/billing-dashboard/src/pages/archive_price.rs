use billing_application::ArchivePrice;
use billing_domain::PriceId;

use super::plan::{confirm, offer, path};
use crate::web::{Failure, Flash, Reply, Submission, Visit, redirect};

pub(crate) async fn show(visit: Visit) -> Reply {
    let app = visit.app().await?;
    let offer = offer(&visit, &app).await?;
    let id: PriceId = visit.of_path("price_id")?;
    let price = offer.price(id).ok_or_else(Failure::not_found)?;
    if !price.is_offered() {
        return Ok(redirect(&path(&app, offer.plan.id)));
    }
    let question = format!("Archive the price {}?", price.terms);
    let consequences = "Nobody new can subscribe at it. Whoever did keeps it. This cannot be undone.";
    let change = format!("prices/{id}/archive");
    confirm(&visit, &app, &offer, &change, (question, consequences, "Archive price"))
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
