use actix_web::http::StatusCode;
use billing_application::{DeleteFeatureRequest, FeatureError};
use billing_domain::{App, Feature, Plan};

use super::feature::feature;
use crate::views::{AttachedFeature, DeleteFeaturePage, PlanLink, Section};
use crate::web::{Failure, Flash, Reply, Submission, Visit, rendered};

pub(crate) async fn show(visit: Visit) -> Reply {
    let app = visit.app().await?;
    let feature = feature(&visit, &app).await?;
    let asked = feature.clone();
    let refusal =
        visit.read(move |reads, _| async move { reads.catalog.preflight_delete(&asked).await }).await?;
    page(&visit, StatusCode::OK, &app, &feature, refusal.and_then(attached))
}

pub(crate) async fn take(submission: Submission) -> Reply {
    let administrator = submission.administrator()?;
    let visit = &submission.visit;
    let app = visit.app().await?;
    let feature = feature(visit, &app).await?;
    let request = DeleteFeatureRequest { administrator, app_id: app.id.clone(), key: feature.key.clone() };
    match visit.change(|changes| async move { changes.delete_feature.execute(request).await }).await? {
        Ok(()) => visit.done(Flash::FeatureDeleted, &format!("/app/{}/billing/features", app.id)),
        Err(refusal @ FeatureError::InUse(_)) => {
            page(visit, StatusCode::CONFLICT, &app, &feature, attached(refusal))
        }
        Err(error) => Err(error.into()),
    }
}

/// What stands in the way of deleting, with the plans to go to.
fn attached(refusal: FeatureError) -> Option<AttachedFeature> {
    let text = refusal.to_string();
    let FeatureError::InUse(plans) = refusal else { return None };
    let link = |plan: &Plan| PlanLink { id: plan.id.to_string(), name: plan.details.name.to_string() };
    Some(AttachedFeature { text, plans: plans.iter().map(link).collect() })
}

fn page(
    visit: &Visit,
    status: StatusCode,
    app: &App,
    feature: &Feature,
    attached: Option<AttachedFeature>,
) -> Reply {
    let page = DeleteFeaturePage {
        layout: visit.app_layout(app, Section::AppBilling)?,
        app_id: app.id.to_string(),
        key: feature.key.to_string(),
        feature_name: feature.details.name.to_string(),
        attached,
        form: visit.confirming(),
    };
    rendered(status, &page)
}

impl From<FeatureError> for Failure {
    fn from(error: FeatureError) -> Self {
        match error {
            FeatureError::Catalog(error) => error.into(),
            FeatureError::KeyTaken(_)
            | FeatureError::InUse(_)
            | FeatureError::EditedMeanwhile(_)
            | FeatureError::RequestKeyReused(_) => Self::refused(error.to_string()),
        }
    }
}
