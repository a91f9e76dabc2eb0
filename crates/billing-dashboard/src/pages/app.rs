use actix_web::http::StatusCode;
use billing_application::{Facts, UpdateApp};
use billing_domain::{App, AppDetails, DisplayName, Environment};

use super::new_app::{origins, typed};
use crate::present::environment;
use crate::views::{AppForm, AppPage, Field, FormState, Place};
use crate::web::{Flash, Reply, Submission, Visit, rendered};

pub(crate) async fn show(visit: Visit) -> Reply {
    let app = visit.app().await?;
    let form = AppForm {
        state: visit.editing(app.version),
        name: Field::new(app.details.name.as_str()),
        origins: Field::new(listed_origins(&app)),
    };
    page(&visit, StatusCode::OK, &app, form)
}

pub(crate) async fn take(submission: Submission) -> Reply {
    let administrator = submission.administrator()?;
    let (visit, fields) = (&submission.visit, &submission.fields);
    let app = visit.app().await?;
    let mut errors = Vec::new();
    let name: Option<DisplayName> = fields.parse("name", &mut errors);
    let origins = origins(fields, &mut errors);
    let (Some(name), Some(origins)) = (name, origins) else {
        return page(visit, StatusCode::BAD_REQUEST, &app, typed(fields, submission.again(errors)));
    };
    let change = UpdateApp {
        app_id: app.id.clone(),
        expected_version: Some(submission.version()),
        name: Some(name.clone()),
        allowed_redirect_origins: Some(origins.clone()),
    };
    let refused = match visit.change(administrator, change).await? {
        Ok(app) => return visit.done(Flash::AppSaved, &format!("/app/{}", app.id)),
        Err(refused) => refused,
    };
    if let Facts::App(saved) = refused.told().facts {
        // The same form was sent before.
        if AppDetails::new(name, origins).is_ok_and(|details| saved.details == details) {
            return visit.done(Flash::AppSaved, &format!("/app/{}", saved.id));
        }
        let state = FormState { conflict: Some("app"), ..visit.editing(saved.version) };
        let mut form = typed(fields, state);
        form.name.mark_saved(saved.details.name.as_str());
        form.origins.mark_saved(&listed_origins(saved));
        return page(visit, StatusCode::CONFLICT, saved, form);
    }
    let (status, state) = submission.refused(refused)?;
    page(visit, status, &app, typed(fields, state))
}

fn page(visit: &Visit, status: StatusCode, app: &App, form: AppForm) -> Reply {
    let row = |known: &Environment| (known.id.to_string(), environment(known.kind));
    let page = AppPage {
        layout: visit.app_layout(app, Place::General)?,
        id: app.id.to_string(),
        name: app.details.name.to_string(),
        environments: app.environments.iter().map(row).collect(),
        form,
    };
    rendered(status, &page)
}

fn listed_origins(app: &App) -> String {
    let lines: Vec<_> = app.details.allowed_redirect_origins.iter().map(ToString::to_string).collect();
    lines.join("\n")
}
