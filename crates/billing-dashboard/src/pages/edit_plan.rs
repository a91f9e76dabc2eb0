use actix_web::http::StatusCode;
use billing_application::{Facts, PlanPatch, UpdatePlan};
use billing_domain::{App, PlanOffer};

use super::plan::{offer, path};
use crate::present::{optional, payers, trial, visibility};
use crate::views::{Checkbox, EditPlanForm, EditPlanPage, Field, FormError, FormState, Section};
use crate::web::{Fields, Flash, Reply, Submission, Visit, redirect, rendered};

pub(crate) async fn show(visit: Visit) -> Reply {
    let app = visit.app().await?;
    let offer = offer(&visit, &app).await?;
    if !offer.is_editable() {
        return Ok(redirect(&path(&app, offer.plan.id)));
    }
    let details = &offer.plan.details;
    let form = EditPlanForm {
        state: visit.editing(offer.plan.version),
        name: Field::new(details.name.as_str()),
        description: Field::new(optional(details.description.as_ref())),
        trial_days: Field::new(details.trial_days.days().to_string()),
        visibility: Field::new(details.visibility.as_str()),
        is_default: Checkbox::new(details.is_default),
    };
    page(&visit, StatusCode::OK, &app, &offer, form)
}

pub(crate) async fn take(submission: Submission) -> Reply {
    let administrator = submission.administrator()?;
    let (visit, fields) = (&submission.visit, &submission.fields);
    let app = visit.app().await?;
    let offer = offer(visit, &app).await?;
    let mut errors = Vec::new();
    let Some(patch) = read(fields, &mut errors) else {
        let form = typed(fields, submission.again(errors));
        return page(visit, StatusCode::BAD_REQUEST, &app, &offer, form);
    };
    let change = UpdatePlan {
        app_id: app.id.clone(),
        plan_id: offer.plan.id,
        expected_version: Some(submission.version()),
        patch,
    };
    let refused = match visit.change(administrator, change).await? {
        Ok(offer) => return visit.done(Flash::PlanSaved, &path(&app, offer.plan.id)),
        Err(refused) => refused,
    };
    if let Facts::Plan(saved) = refused.told().facts {
        let state = FormState { conflict: true, ..visit.editing(saved.plan.version) };
        let form = beside(typed(fields, state), saved);
        return page(visit, StatusCode::CONFLICT, &app, saved, form);
    }
    let (status, state) = submission.refused(refused)?;
    page(visit, status, &app, &offer, typed(fields, state))
}

fn read(fields: &Fields, errors: &mut Vec<FormError>) -> Option<PlanPatch> {
    let patch = PlanPatch {
        name: fields.parse("name", errors),
        description: Some(fields.parse_optional("description", errors)),
        trial_days: fields.parse("trial_days", errors),
        visibility: fields.parse("visibility", errors),
        is_default: Some(fields.is_ticked("is_default")),
    };
    errors.is_empty().then_some(patch)
}

/// The form as submitted.
fn typed(fields: &Fields, state: FormState) -> EditPlanForm {
    let field = |name| Field::new(fields.text(name));
    EditPlanForm {
        state,
        name: field("name"),
        description: field("description"),
        trial_days: field("trial_days"),
        visibility: field("visibility"),
        is_default: Checkbox::new(fields.is_ticked("is_default")),
    }
}

/// The submitted form with the saved values where they differ.
fn beside(mut form: EditPlanForm, saved: &PlanOffer) -> EditPlanForm {
    let details = &saved.plan.details;
    form.name.mark_saved(details.name.as_str());
    form.description.mark_saved(&optional(details.description.as_ref()));
    if form.trial_days.value.trim() != details.trial_days.days().to_string() {
        form.trial_days.saved = Some(trial(details.trial_days));
    }
    if form.visibility.value != details.visibility.as_str() {
        form.visibility.saved = Some(visibility(details.visibility).to_owned());
    }
    if form.is_default.checked != details.is_default {
        form.is_default.saved = Some(if details.is_default { "Yes" } else { "No" }.to_owned());
    }
    form
}

fn page(visit: &Visit, status: StatusCode, app: &App, offer: &PlanOffer, form: EditPlanForm) -> Reply {
    let page = EditPlanPage {
        layout: visit.app_layout(app, Section::AppBilling)?,
        app_id: app.id.to_string(),
        plan_id: offer.plan.id.to_string(),
        plan_name: offer.plan.details.name.to_string(),
        key: offer.plan.key.to_string(),
        payers: payers(offer.plan.payer_kind).to_owned(),
        form,
    };
    rendered(status, &page)
}
