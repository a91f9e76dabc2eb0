use std::array;

use actix_web::http::StatusCode;
use billing_application::{CreatePlan, PageRequest};
use billing_domain::{App, PayerKind, PriceTerms};

use super::plan_form::read_details;
use super::plans::plans;
use super::price_form::read_price;
use crate::views::{Field, FormError, FormState, NewPlanForm, NewPlanPage, PlanFields, PriceFields, Section};
use crate::web::{Fields, Flash, Reply, Submission, Visit, rendered};

/// The first fields of the form, in its order.
const FIRST_FIELDS: [&str; 4] = ["name", "key", "description", "payer_kind"];

pub(crate) async fn show(visit: Visit) -> Reply {
    let app = visit.app().await?;
    // Refuses while billing is off.
    plans(&visit, &app, false, PageRequest::default()).await?;
    let form = NewPlanForm {
        state: visit.creating(),
        plan: PlanFields::untouched(),
        key: Field::default(),
        payer_kind: Field::new(PayerKind::default().as_str()),
        prices: array::from_fn(|_| PriceFields::untouched()),
    };
    page(&visit, StatusCode::OK, &app, form)
}

pub(crate) async fn take(submission: Submission) -> Reply {
    let administrator = submission.administrator()?;
    let (visit, fields) = (&submission.visit, &submission.fields);
    let app = visit.app().await?;
    let mut errors = Vec::new();
    let Some(change) = read(fields, &app, &mut errors) else {
        return page(visit, StatusCode::BAD_REQUEST, &app, typed(fields, submission.again(errors)));
    };
    match visit.change_once(administrator, change, submission.request_key()).await? {
        Ok(offer) => {
            visit.done(Flash::PlanCreated, &format!("/app/{}/billing/plans/{}", app.id, offer.plan.id))
        }
        Err(refused) => {
            let (status, state) = submission.refused(refused)?;
            page(visit, status, &app, typed(fields, state))
        }
    }
}

fn read(fields: &Fields, app: &App, errors: &mut Vec<FormError>) -> Option<CreatePlan> {
    let details = read_details(fields, errors);
    let key = fields.parse("key", errors);
    let payer_kind = fields.parse("payer_kind", errors);
    errors.sort_by_key(|error| {
        let is_of = |name: &&str| error.field.as_deref() == Some(*name);
        FIRST_FIELDS.iter().position(is_of).unwrap_or(FIRST_FIELDS.len())
    });
    let prices: Vec<_> = (1..=3).filter_map(|row| read_price_row(fields, row, errors)).collect();
    if !errors.is_empty() {
        return None;
    }
    Some(CreatePlan { app_id: app.id.clone(), key: key?, payer_kind: payer_kind?, details: details?, prices })
}

/// An untouched row is no price.
fn read_price_row(fields: &Fields, row: usize, errors: &mut Vec<FormError>) -> Option<PriceTerms> {
    let name = |part: &str| price_name(part, row);
    if PriceFields::typed(fields, name).is_untouched() { None } else { read_price(fields, name, errors) }
}

fn price_name(part: &str, row: usize) -> String {
    format!("price_{part}_{row}")
}

/// The form as submitted.
fn typed(fields: &Fields, state: FormState) -> NewPlanForm {
    NewPlanForm {
        state,
        plan: PlanFields::typed(fields),
        key: fields.typed("key"),
        payer_kind: fields.typed("payer_kind"),
        prices: array::from_fn(|index| PriceFields::typed(fields, |part| price_name(part, index + 1))),
    }
}

fn page(visit: &Visit, status: StatusCode, app: &App, form: NewPlanForm) -> Reply {
    let layout = visit.app_layout(app, Section::AppBilling)?;
    rendered(status, &NewPlanPage { layout, app_id: app.id.to_string(), form })
}
