use actix_web::http::StatusCode;
use billing_application::CreateApp;
use billing_domain::RedirectOrigin;

use crate::views::{AppForm, FormError, FormState, NewAppPage, Place};
use crate::web::{Fields, Flash, Reply, Submission, Visit, error_of, rendered};

pub(crate) async fn show(visit: Visit) -> Reply {
    page(&visit, StatusCode::OK, typed(&Fields::default(), visit.creating()))
}

pub(crate) async fn take(submission: Submission) -> Reply {
    let administrator = submission.administrator()?;
    let (visit, fields) = (&submission.visit, &submission.fields);
    let mut errors = Vec::new();
    let name = fields.parse("name", &mut errors);
    let origins = origins(fields, &mut errors);
    let (Some(name), Some(allowed_redirect_origins)) = (name, origins) else {
        return page(visit, StatusCode::BAD_REQUEST, typed(fields, submission.again(errors)));
    };
    let change = CreateApp { name, allowed_redirect_origins };
    match visit.change_once(administrator, change, submission.request_key()).await? {
        Ok(app) => visit.done(Flash::AppCreated, &format!("/app/{}", app.id)),
        Err(refused) => {
            let (status, state) = submission.refused(refused)?;
            page(visit, status, typed(fields, state))
        }
    }
}

fn page(visit: &Visit, status: StatusCode, form: AppForm) -> Reply {
    rendered(status, &NewAppPage { layout: visit.layout(Place::Apps)?, form })
}

/// The form as submitted.
pub(super) fn typed(fields: &Fields, state: FormState) -> AppForm {
    AppForm { state, name: fields.typed("name"), origins: fields.typed("origins") }
}

/// The origins, one per line; an error names the first invalid line.
pub(super) fn origins(fields: &Fields, errors: &mut Vec<FormError>) -> Option<Vec<RedirectOrigin>> {
    let lines = fields.text("origins").lines().map(str::trim).filter(|line| !line.is_empty());
    let mut origins = Vec::new();
    for line in lines {
        match RedirectOrigin::parse(line) {
            Ok(origin) => origins.push(origin),
            Err(invalid) => {
                let shown: String = line.chars().take(80).collect();
                errors.push(error_of("origins", &format!("“{shown}” cannot be used. {invalid}")));
                return None;
            }
        }
    }
    Some(origins)
}
