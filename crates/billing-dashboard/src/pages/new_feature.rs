use actix_web::http::StatusCode;
use billing_application::{CreateFeatureRequest, FeatureError, PageRequest, RequestKeyReused};
use billing_domain::{App, FeatureDetails};

use crate::views::{Field, FormState, NewFeatureForm, NewFeaturePage, Section};
use crate::web::{Fields, Flash, Reply, Submission, Visit, error_of, error_of_form, rendered};

pub(crate) async fn show(visit: Visit) -> Reply {
    let app = visit.app().await?;
    // The catalog is there only while billing is on.
    let (app_id, nothing) = (app.id.clone(), PageRequest::default());
    visit
        .read(move |reads, session| async move {
            reads.catalog.features(&session.workspace_id, &app_id, &nothing).await
        })
        .await?;
    page(&visit, StatusCode::OK, &app, typed(&Fields::default(), visit.creating()))
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
        return page(visit, StatusCode::BAD_REQUEST, &app, typed(fields, submission.again(errors)));
    };
    let request = CreateFeatureRequest {
        administrator,
        app_id: app.id.clone(),
        key,
        details: FeatureDetails { name, description },
        request_key: submission.request_key(),
    };
    match visit.change(|changes| async move { changes.create_feature.execute(request).await }).await? {
        Ok(_) => visit.done(Flash::FeatureCreated, &format!("/app/{}/billing/features", app.id)),
        Err(error @ FeatureError::KeyTaken(_)) => {
            let state = submission.again(vec![error_of("key", &error)]);
            page(visit, StatusCode::CONFLICT, &app, typed(fields, state))
        }
        Err(FeatureError::RequestKeyReused(_)) => {
            let state =
                FormState { errors: vec![error_of_form(&RequestKeyReused::OF_A_FORM)], ..visit.creating() };
            page(visit, StatusCode::CONFLICT, &app, typed(fields, state))
        }
        Err(error) => Err(error.into()),
    }
}

fn typed(fields: &Fields, state: FormState) -> NewFeatureForm {
    let field = |name| Field::new(fields.text(name));
    NewFeatureForm { state, key: field("key"), name: field("name"), description: field("description") }
}

fn page(visit: &Visit, status: StatusCode, app: &App, form: NewFeatureForm) -> Reply {
    let layout = visit.app_layout(app, Section::AppBilling)?;
    rendered(status, &NewFeaturePage { layout, app_id: app.id.to_string(), form })
}
