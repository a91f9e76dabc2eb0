use actix_web::http::StatusCode;
use billing_application::AttachFeature;
use billing_domain::{App, Feature, PlanOffer};

use super::plan::{Forms, offer, page, path};
use crate::present::description;
use crate::views::{FeatureForm, FormError};
use crate::web::{Flash, Reply, Submission};

pub(crate) async fn take(submission: Submission) -> Reply {
    let administrator = submission.administrator()?;
    let visit = &submission.visit;
    let app = visit.app().await?;
    let offer = offer(visit, &app).await?;
    let mut errors = Vec::new();
    let Some(change) = read(&submission, &app, &offer, &mut errors) else {
        let form = FeatureForm::typed(&submission.fields, submission.again(errors));
        return page(visit, StatusCode::BAD_REQUEST, &app, &offer, Forms::with_feature(visit, &offer, form))
            .await;
    };
    match visit.change_once(administrator, change, submission.request_key()).await? {
        Ok(made) => {
            let flash = match (made.is_new, is_as_typed(&submission, &made.value)) {
                (false, _) => Flash::FeatureAttachedAlready,
                (true, true) => Flash::FeatureAttached,
                (true, false) => Flash::FeatureKeptItsName,
            };
            visit.done(flash, &path(&app, offer.plan.id))
        }
        Err(refused) => {
            let (status, state) = submission.refused(refused)?;
            let form = FeatureForm::typed(&submission.fields, state);
            page(visit, status, &app, &offer, Forms::with_feature(visit, &offer, form)).await
        }
    }
}

/// Whether the form matches the feature.
fn is_as_typed(submission: &Submission, feature: &Feature) -> bool {
    let says = |name: &str, text: &str| {
        let typed = submission.fields.text(name).replace("\r\n", "\n");
        typed.trim().is_empty() || typed.trim() == text
    };
    says("name", feature.details.name.as_str()) && says("description", &description(feature))
}

fn read(
    submission: &Submission,
    app: &App,
    offer: &PlanOffer,
    errors: &mut Vec<FormError>,
) -> Option<AttachFeature> {
    let key = submission.fields.parse("key", errors);
    let name = submission.fields.parse_optional("name", errors);
    let description = submission.fields.parse_optional("description", errors);
    if !errors.is_empty() {
        return None;
    }
    Some(AttachFeature { app_id: app.id.clone(), plan_id: offer.plan.id, key: key?, name, description })
}
