use actix_web::http::StatusCode;
use billing_application::{Facts, UpdatePlan};
use billing_domain::{App, PlanOffer};

use super::plan::{offer, path};
use super::plan_form::{patch, read_details};
use crate::views::{EditPlanForm, EditPlanPage, FormState, Place, PlanFields};
use crate::web::{Flash, Reply, Submission, Visit, redirect, rendered};

pub(crate) async fn show(visit: Visit) -> Reply {
    let app = visit.app().await?;
    let offer = offer(&visit, &app).await?;
    if !offer.is_editable() {
        return Ok(redirect(&path(&app, offer.plan.id)));
    }
    let state = visit.editing(offer.plan.version);
    let form = EditPlanForm { state, plan: PlanFields::of(&offer.plan.details) };
    page(&visit, StatusCode::OK, &app, &offer, form)
}

pub(crate) async fn take(submission: Submission) -> Reply {
    let administrator = submission.administrator()?;
    let (visit, fields) = (&submission.visit, &submission.fields);
    let app = visit.app().await?;
    let offer = offer(visit, &app).await?;
    let plan = PlanFields::typed(fields);
    let mut errors = Vec::new();
    let Some(details) = read_details(fields, &mut errors) else {
        let form = EditPlanForm { state: submission.again(errors), plan };
        return page(visit, StatusCode::BAD_REQUEST, &app, &offer, form);
    };
    let change = UpdatePlan {
        app_id: app.id.clone(),
        plan_id: offer.plan.id,
        expected_version: Some(submission.version()),
        patch: patch(details.clone()),
    };
    let refused = match visit.change(administrator, change).await? {
        Ok(offer) => return visit.done(Flash::PlanSaved, &path(&app, offer.plan.id)),
        Err(refused) => refused,
    };
    if let Facts::Plan(saved) = refused.told().facts {
        // The same form was sent before.
        if saved.plan.details == details {
            return visit.done(Flash::PlanSaved, &path(&app, saved.plan.id));
        }
        let state = FormState { conflict: Some("plan"), ..visit.editing(saved.plan.version) };
        let form = EditPlanForm { state, plan: plan.beside(&saved.plan.details) };
        return page(visit, StatusCode::CONFLICT, &app, saved, form);
    }
    let (status, state) = submission.refused(refused)?;
    page(visit, status, &app, &offer, EditPlanForm { state, plan })
}

fn page(visit: &Visit, status: StatusCode, app: &App, offer: &PlanOffer, form: EditPlanForm) -> Reply {
    let page = EditPlanPage {
        layout: visit.app_layout(app, Place::Billing)?,
        path: path(app, offer.plan.id),
        plan_name: offer.plan.details.name.to_string(),
        key: offer.plan.key.to_string(),
        form,
    };
    rendered(status, &page)
}
