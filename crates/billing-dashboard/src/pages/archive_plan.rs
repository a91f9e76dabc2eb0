use billing_application::ArchivePlan;

use super::plan::{confirm, offer, path};
use crate::web::{Flash, Reply, Submission, Visit, redirect};

pub(crate) async fn show(visit: Visit) -> Reply {
    let app = visit.app().await?;
    let offer = offer(&visit, &app).await?;
    if !offer.is_editable() {
        return Ok(redirect(&path(&app, offer.plan.id)));
    }
    let question = format!("Archive {}?", offer.plan.details.name);
    let consequences = "Nobody new can subscribe to it. Whoever subscribed keeps the plan, its price and its features. \
                        This cannot be undone.";
    confirm(&visit, &app, &offer, "archive", (question, consequences, "Archive plan"))
}

pub(crate) async fn take(submission: Submission) -> Reply {
    let administrator = submission.administrator()?;
    let visit = &submission.visit;
    let app = visit.app().await?;
    let plan_id = visit.of_path("plan_id")?;
    visit.change(administrator, ArchivePlan { app_id: app.id.clone(), plan_id }).await??;
    visit.done(Flash::PlanArchived, &path(&app, plan_id))
}
