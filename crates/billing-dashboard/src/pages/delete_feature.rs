use actix_web::http::StatusCode;
use billing_application::{DeleteFeature, Facts, Refusal, Refused};
use billing_domain::{App, Feature, Plan};

use super::feature::feature;
use crate::views::{ConfirmPage, Confirmation, InUse, Place};
use crate::web::{Failure, Flash, Reply, Submission, Visit, rendered};

pub(crate) async fn show(visit: Visit) -> Reply {
    let app = visit.app().await?;
    let feature = feature(&visit, &app).await?;
    let asked = feature.clone();
    let refusal = visit.read(move |reads, _| async move { reads.preflight_delete(&asked).await }).await?;
    page(&visit, StatusCode::OK, &app, &feature, refusal.as_ref().and_then(in_use))
}

pub(crate) async fn take(submission: Submission) -> Reply {
    let administrator = submission.administrator()?;
    let visit = &submission.visit;
    let app = visit.app().await?;
    let feature = feature(visit, &app).await?;
    let change = DeleteFeature { app_id: app.id.clone(), key: feature.key.clone() };
    match visit.change(administrator, change).await? {
        Ok(()) => visit.done(Flash::FeatureDeleted, &format!("/app/{}/billing/features", app.id)),
        Err(Refused::Rule(refusal)) => match in_use(&refusal) {
            Some(in_use) => page(visit, StatusCode::CONFLICT, &app, &feature, Some(in_use)),
            None => Err(Failure::refused(refusal.to_string())),
        },
        Err(refused) => Err(refused.into()),
    }
}

/// The plans that have the feature, if they are the reason of the refusal.
fn in_use(refusal: &impl Refusal) -> Option<InUse> {
    let Facts::Plans(plans) = refusal.told().facts else { return None };
    let link = |plan: &Plan| (plan.id.to_string(), plan.details.name.to_string());
    Some(InUse { text: refusal.to_string(), plans: plans.iter().map(link).collect() })
}

fn page(visit: &Visit, status: StatusCode, app: &App, feature: &Feature, refusal: Option<InUse>) -> Reply {
    let layout = visit.app_layout(app, Place::Billing)?;
    let back = format!("{}/features/{}", layout.billing(), feature.key);
    let asked = Confirmation {
        question: format!("Delete {}?", feature.details.name),
        consequences: format!(
            "It is attached to no plan, so nobody loses anything. Code that asks for {} will be told that nobody has it.",
            feature.key
        ),
        button: "Delete feature",
        leave: "Cancel",
        action: format!("{back}/delete"),
        back,
        back_label: feature.details.name.to_string(),
    };
    rendered(status, &ConfirmPage { layout, asked, form: visit.confirming(), refusal })
}
