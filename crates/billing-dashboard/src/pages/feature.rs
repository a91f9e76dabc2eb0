use actix_web::http::StatusCode;
use billing_application::{Facts, UpdateFeature};
use billing_domain::{App, Feature, FeatureDetails, FeatureKey};

use crate::present::description;
use crate::views::{EditFeatureForm, EditFeaturePage, Field, FormState, Section};
use crate::web::{Failure, Fields, Flash, Reply, Submission, Visit, rendered};

pub(crate) async fn show(visit: Visit) -> Reply {
    let app = visit.app().await?;
    let feature = feature(&visit, &app).await?;
    let form = EditFeatureForm {
        state: visit.editing(feature.version),
        name: Field::new(feature.details.name.as_str()),
        description: Field::new(description(&feature)),
    };
    page(&visit, StatusCode::OK, &app, &feature, form)
}

pub(crate) async fn take(submission: Submission) -> Reply {
    let administrator = submission.administrator()?;
    let (visit, fields) = (&submission.visit, &submission.fields);
    let app = visit.app().await?;
    let feature = feature(visit, &app).await?;
    let mut errors = Vec::new();
    let name = fields.parse("name", &mut errors);
    let described = fields.parse_optional("description", &mut errors);
    let details = name.map(|name| FeatureDetails { name, description: described });
    let Some(details) = details.filter(|_| errors.is_empty()) else {
        let form = typed(fields, submission.again(errors));
        return page(visit, StatusCode::BAD_REQUEST, &app, &feature, form);
    };
    let change = UpdateFeature {
        app_id: app.id.clone(),
        key: feature.key.clone(),
        expected_version: Some(submission.version()),
        name: Some(details.name.clone()),
        description: Some(details.description.clone()),
    };
    let done = || visit.done(Flash::FeatureSaved, &format!("/app/{}/billing/features", app.id));
    let Err(refused) = visit.change(administrator, change).await? else { return done() };
    let Facts::Feature(saved) = refused.told().facts else { return Err(refused.into()) };
    // The same form was sent before.
    if saved.details == details {
        return done();
    }
    let state = FormState { conflict: true, ..visit.editing(saved.version) };
    let mut form = typed(fields, state);
    form.name.mark_saved(saved.details.name.as_str());
    form.description.mark_saved(&description(saved));
    page(visit, StatusCode::CONFLICT, &app, saved, form)
}

/// The feature of the path.
pub(super) async fn feature(visit: &Visit, app: &App) -> Result<Feature, Failure> {
    let (app_id, key): (_, FeatureKey) = (app.id.clone(), visit.of_path("key")?);
    visit
        .read(move |reads, session| async move { reads.feature(&session.workspace_id, &app_id, &key).await })
        .await
}

fn typed(fields: &Fields, state: FormState) -> EditFeatureForm {
    EditFeatureForm { state, name: fields.typed("name"), description: fields.typed("description") }
}

fn page(visit: &Visit, status: StatusCode, app: &App, feature: &Feature, form: EditFeatureForm) -> Reply {
    let page = EditFeaturePage {
        layout: visit.app_layout(app, Section::AppBilling)?,
        app_id: app.id.to_string(),
        key: feature.key.to_string(),
        feature_name: feature.details.name.to_string(),
        form,
    };
    rendered(status, &page)
}
