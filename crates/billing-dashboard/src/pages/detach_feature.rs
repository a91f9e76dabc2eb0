use actix_web::http::StatusCode;
use billing_application::DetachFeature;
use billing_domain::FeatureKey;

use super::plan::{offer, path};
use crate::views::{DetachFeaturePage, Section};
use crate::web::{Failure, Flash, Reply, Submission, Visit, rendered};

pub(crate) async fn show(visit: Visit) -> Reply {
    let app = visit.app().await?;
    let offer = offer(&visit, &app).await?;
    let key: FeatureKey = visit.of_path("key")?;
    let feature = offer.feature(&key).ok_or_else(Failure::not_found)?;
    let page = DetachFeaturePage {
        layout: visit.app_layout(&app, Section::AppBilling)?,
        app_id: app.id.to_string(),
        plan_id: offer.plan.id.to_string(),
        plan_name: offer.plan.details.name.to_string(),
        key: key.to_string(),
        feature_name: feature.details.name.to_string(),
        form: visit.confirming(),
    };
    rendered(StatusCode::OK, &page)
}

pub(crate) async fn take(submission: Submission) -> Reply {
    let administrator = submission.administrator()?;
    let visit = &submission.visit;
    let app = visit.app().await?;
    let (plan_id, key) = (visit.of_path("plan_id")?, visit.of_path("key")?);
    visit.change(administrator, DetachFeature { app_id: app.id.clone(), plan_id, key }).await??;
    visit.done(Flash::FeatureDetached, &path(&app, plan_id))
}
