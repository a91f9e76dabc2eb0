use actix_web::http::StatusCode;
use billing_application::ArchivePlan;

use super::plan::{offer, path};
use crate::views::{ArchivePlanPage, Section};
use crate::web::{Flash, Reply, Submission, Visit, redirect, rendered};

pub(crate) async fn show(visit: Visit) -> Reply {
    let app = visit.app().await?;
    let offer = offer(&visit, &app).await?;
    if !offer.is_editable() {
        return Ok(redirect(&path(&app, offer.plan.id)));
    }
    let page = ArchivePlanPage {
        layout: visit.app_layout(&app, Section::AppBilling)?,
        app_id: app.id.to_string(),
        plan_id: offer.plan.id.to_string(),
        plan_name: offer.plan.details.name.to_string(),
        form: visit.confirming(),
    };
    rendered(StatusCode::OK, &page)
}

pub(crate) async fn take(submission: Submission) -> Reply {
    let administrator = submission.administrator()?;
    let visit = &submission.visit;
    let app = visit.app().await?;
    let plan_id = visit.of_path("plan_id")?;
    visit.change(administrator, ArchivePlan { app_id: app.id.clone(), plan_id }).await??;
    visit.done(Flash::PlanArchived, &path(&app, plan_id))
}
