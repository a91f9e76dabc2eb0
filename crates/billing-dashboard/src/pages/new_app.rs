use actix_web::http::StatusCode;
use billing_application::{AppError, CreateAppRequest, RequestKeyReused};
use billing_domain::RedirectOrigin;

use crate::views::{AppForm, Field, FormError, FormState, NewAppPage, Section};
use crate::web::{Fields, Flash, Reply, Submission, Visit, error_of, error_of_form, rendered};

pub(crate) async fn show(visit: Visit) -> Reply {
    let form = AppForm { state: visit.creating(), name: Field::default(), origins: Field::default() };
    page(&visit, StatusCode::OK, form)
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
    let request_key = submission.request_key();
    let request = CreateAppRequest { administrator, name, allowed_redirect_origins, request_key };
    match visit.change(|changes| async move { changes.create_app.execute(request).await }).await? {
        Ok(app) => visit.done(Flash::AppCreated, &format!("/app/{}", app.id)),
        Err(AppError::TooManyOrigins(too_many)) => {
            let state = submission.again(vec![error_of("origins", &too_many)]);
            page(visit, StatusCode::BAD_REQUEST, typed(fields, state))
        }
        Err(AppError::RequestKeyReused(_)) => {
            let state =
                FormState { errors: vec![error_of_form(&RequestKeyReused::OF_A_FORM)], ..visit.creating() };
            page(visit, StatusCode::CONFLICT, typed(fields, state))
        }
        Err(error) => Err(error.into()),
    }
}

fn page(visit: &Visit, status: StatusCode, form: AppForm) -> Reply {
    rendered(status, &NewAppPage { layout: visit.layout(Section::Apps)?, form })
}

/// The form as it was typed.
pub(super) fn typed(fields: &Fields, state: FormState) -> AppForm {
    let field = |name| Field::new(fields.text(name));
    AppForm { state, name: field("name"), origins: field("origins") }
}

/// One origin a line; the first that is none is told by its line.
pub(super) fn origins(fields: &Fields, errors: &mut Vec<FormError>) -> Option<Vec<RedirectOrigin>> {
    let lines = fields.text("origins").lines().map(str::trim).filter(|line| !line.is_empty());
    let mut origins = Vec::new();
    for line in lines {
        match RedirectOrigin::parse(line) {
            Ok(origin) => origins.push(origin),
            Err(invalid) => {
                let shown: String = line.chars().take(80).collect();
                errors.push(error_of("origins", &format!("“{shown}” cannot be used: {invalid}")));
                return None;
            }
        }
    }
    Some(origins)
}
