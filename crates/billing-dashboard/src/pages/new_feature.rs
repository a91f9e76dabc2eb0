use actix_web::http::StatusCode;
use billing_application::{CreateFeature, PageRequest};
use billing_domain::{App, FeatureDetails};

use crate::views::{Field, FormState, NewFeatureForm, NewFeaturePage, Section};
use crate::web::{Fields, Flash, Reply, Submission, Visit, rendered};

pub(crate) async fn show(visit: Visit) -> Reply {
    let app = visit.app().await?;
    // Refuses while billing is off.
    let (app_id, nothing) = (app.id.clone(), PageRequest::default());
    visit
        .read(move |reads, session| async move {
            reads.features(&session.workspace_id, &app_id, &nothing).await
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
    let change = CreateFeature { app_id: app.id.clone(), key, details: FeatureDetails { name, description } };
    match visit.change_once(administrator, change, submission.request_key()).await? {
        Ok(_) => visit.done(Flash::FeatureCreated, &format!("/app/{}/billing/features", app.id)),
        Err(refused) => {
            let (status, state) = submission.refused(refused)?;
            page(visit, status, &app, typed(fields, state))
        }
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
