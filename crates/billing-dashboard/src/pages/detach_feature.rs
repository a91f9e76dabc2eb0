use billing_application::DetachFeature;
use billing_domain::FeatureKey;

use super::plan::{confirm, offer, path};
use crate::web::{Failure, Flash, Reply, Submission, Visit};

pub(crate) async fn show(visit: Visit) -> Reply {
    let app = visit.app().await?;
    let offer = offer(&visit, &app).await?;
    let key: FeatureKey = visit.of_path("key")?;
    let feature = offer.feature(&key).ok_or_else(Failure::not_found)?;
    let question = format!("Detach {} from {}?", feature.details.name, offer.plan.details.name);
    let consequences = "Everyone who has this plan loses the feature at once.";
    let change = format!("features/{key}/detach");
    confirm(&visit, &app, &offer, &change, (question, consequences, "Detach feature"))
}

pub(crate) async fn take(submission: Submission) -> Reply {
    let administrator = submission.administrator()?;
    let visit = &submission.visit;
    let app = visit.app().await?;
    let (plan_id, key) = (visit.of_path("plan_id")?, visit.of_path("key")?);
    visit.change(administrator, DetachFeature { app_id: app.id.clone(), plan_id, key }).await??;
    visit.done(Flash::FeatureDetached, &path(&app, plan_id))
}
