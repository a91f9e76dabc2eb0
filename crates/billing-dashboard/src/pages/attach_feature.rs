use actix_web::http::StatusCode;
use billing_application::AttachFeature;
use billing_domain::{App, Feature, PlanOffer};

use super::plan::{Forms, offer, page, path};
use crate::present::description;
use crate::views::{AttachForm, FormError};
use crate::web::{Flash, Reply, Submission, parsed, redirect};

pub(crate) async fn take(submission: Submission) -> Reply {
    let administrator = submission.administrator()?;
    let (visit, fields) = (&submission.visit, &submission.fields);
    let app = visit.app().await?;
    let offer = offer(visit, &app).await?;
    if !fields.has("key") && fields.text("feature").is_empty() {
        return Ok(redirect(&format!("{}?panel=new-feature#attach", path(&app, offer.plan.id))));
    }
    let mut errors = Vec::new();
    let Some(change) = read(&submission, &app, &offer, &mut errors) else {
        let form = AttachForm::typed(fields, submission.again(errors));
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
            let form = AttachForm::typed(fields, state);
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

/// An existing feature, or a new one by its fields.
fn read(
    submission: &Submission,
    app: &App,
    offer: &PlanOffer,
    errors: &mut Vec<FormError>,
) -> Option<AttachFeature> {
    let fields = &submission.fields;
    let text = fields.text(if fields.has("key") { "key" } else { "feature" });
    let key = parsed(text.parse(), "key", errors);
    let name = fields.parse_optional("name", errors);
    let description = fields.parse_optional("description", errors);
    if !errors.is_empty() {
        return None;
    }
    Some(AttachFeature { app_id: app.id.clone(), plan_id: offer.plan.id, key: key?, name, description })
}
