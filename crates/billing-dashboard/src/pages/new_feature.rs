use actix_web::http::StatusCode;
use billing_application::CreateFeature;
use billing_domain::{App, FeatureDetails};

use super::feature::features;
use crate::views::{FeatureForm, FormState, NewFeaturePage, Place};
use crate::web::{Fields, Flash, Reply, Submission, Visit, rendered};

pub(crate) async fn show(visit: Visit) -> Reply {
    let app = visit.app().await?;
    // Refuses while billing is off.
    features(&visit, &app, 1).await?;
    page(&visit, StatusCode::OK, &app, FeatureForm::typed(&Fields::default(), visit.creating()))
}

pub(crate) async fn take(submission: Submission) -> Reply {
    let administrator = submission.administrator()?;
    let (visit, fields) = (&submission.visit, &submission.fields);
    let app = visit.app().await?;
    let mut errors = Vec::new();
    let key = fields.parse("key", &mut errors);
    let name = fields.parse("name", &mut errors);
    let description = fields.parse_optional("description", &mut errors);
    let (Some(key), Some(name), true) = (key, name, errors.is_empty()) else {
        return page(
            visit,
            StatusCode::BAD_REQUEST,
            &app,
            FeatureForm::typed(fields, submission.again(errors)),
        );
    };
    let change = CreateFeature { app_id: app.id.clone(), key, details: FeatureDetails { name, description } };
    match visit.change_once(administrator, change, submission.request_key()).await? {
        Ok(_) => visit.done(Flash::FeatureCreated, &format!("/app/{}/billing/features", app.id)),
        Err(refused) => {
            let (status, state) = submission.refused(refused)?;
            page(visit, status, &app, FeatureForm::typed(fields, state))
        }
    }
}

impl FeatureForm {
    /// The form as submitted.
    pub(super) fn typed(fields: &Fields, state: FormState) -> Self {
        let [key, name, description] = ["key", "name", "description"].map(|name| fields.typed(name));
        Self { state, key, name, description }
    }
}

fn page(visit: &Visit, status: StatusCode, app: &App, form: FeatureForm) -> Reply {
    rendered(status, &NewFeaturePage { layout: visit.app_layout(app, Place::Billing)?, form })
}
