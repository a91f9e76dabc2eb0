use actix_web::http::StatusCode;
use billing_application::{DeleteFeature, Facts, Refusal, Refused};
use billing_domain::{App, Feature, Plan};

use super::feature::feature;
use crate::views::{AttachedFeature, DeleteFeaturePage, PlanLink, Section};
use crate::web::{Failure, Flash, Reply, Submission, Visit, rendered};

pub(crate) async fn show(visit: Visit) -> Reply {
    let app = visit.app().await?;
    let feature = feature(&visit, &app).await?;
    let asked = feature.clone();
    let refusal = visit.read(move |reads, _| async move { reads.preflight_delete(&asked).await }).await?;
    page(&visit, StatusCode::OK, &app, &feature, refusal.as_ref().and_then(attached))
}

pub(crate) async fn take(submission: Submission) -> Reply {
    let administrator = submission.administrator()?;
    let visit = &submission.visit;
    let app = visit.app().await?;
    let feature = feature(visit, &app).await?;
    let change = DeleteFeature { app_id: app.id.clone(), key: feature.key.clone() };
    match visit.change(administrator, change).await? {
        Ok(()) => visit.done(Flash::FeatureDeleted, &format!("/app/{}/billing/features", app.id)),
        Err(Refused::Rule(refusal)) => match attached(&refusal) {
            Some(attached) => page(visit, StatusCode::CONFLICT, &app, &feature, Some(attached)),
            None => Err(Failure::refused(refusal.to_string())),
        },
        Err(refused) => Err(refused.into()),
    }
}

/// The plans that have the feature, if they are the reason of the refusal.
fn attached(refusal: &impl Refusal) -> Option<AttachedFeature> {
    let Facts::Plans(plans) = refusal.told().facts else { return None };
    let link = |plan: &Plan| PlanLink { id: plan.id.to_string(), name: plan.details.name.to_string() };
    Some(AttachedFeature { text: refusal.to_string(), plans: plans.iter().map(link).collect() })
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
