use actix_web::http::StatusCode;
use billing_application::{Facts, Page, PageLimit, PageRequest, UpdateFeature};
use billing_domain::ports::FeatureFilter;
use billing_domain::{App, Feature, FeatureDetails, FeatureKey};

use crate::lists::grouped;
use crate::present::description;
use crate::views::{FeatureForm, FeaturePage, Field, FormState, Place};
use crate::web::{Failure, Flash, Reply, Submission, Visit, rendered};

pub(crate) async fn show(visit: Visit) -> Reply {
    let app = visit.app().await?;
    let feature = feature(&visit, &app).await?;
    let form = FeatureForm {
        state: visit.editing(feature.version),
        key: Field::default(),
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
        let form = FeatureForm::typed(fields, submission.again(errors));
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
    let state = FormState { conflict: Some("feature"), ..visit.editing(saved.version) };
    let mut form = FeatureForm::typed(fields, state);
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

/// Up to `limit` of the app's features, the newest ones, for a choice; and a sentence if there are more.
pub(super) async fn features(
    visit: &Visit,
    app: &App,
    limit: u32,
) -> Result<(Vec<Feature>, String), Failure> {
    let limit = PageLimit::new(limit).map_err(Failure::internal)?;
    let request = PageRequest { limit, is_counted: true, ..PageRequest::default() };
    let app_id = app.id.clone();
    let features = visit.read(move |reads, session| async move {
        reads.features(&session.workspace_id, &app_id, &FeatureFilter::default(), &request).await
    });
    let Page { items, next_cursor, count, .. } = features.await?.page;
    let total = count.map_or(0, |count| count.total);
    let more =
        next_cursor.map(|_| format!("The newest {} of {} features are listed.", items.len(), grouped(total)));
    Ok((items, more.unwrap_or_default()))
}

fn page(visit: &Visit, status: StatusCode, app: &App, feature: &Feature, form: FeatureForm) -> Reply {
    let page = FeaturePage {
        layout: visit.app_layout(app, Place::Billing)?,
        key: feature.key.to_string(),
        feature_name: feature.details.name.to_string(),
        form,
    };
    rendered(status, &page)
}
