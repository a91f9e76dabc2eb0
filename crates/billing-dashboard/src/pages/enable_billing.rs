use actix_web::http::StatusCode;
use billing_application::{EnableBilling, EnableWish};
use billing_domain::{App, Gateway};

use super::gateway_form::gateway_form;
use crate::views::{EnableBillingPage, FormState, Section};
use crate::web::{Flash, Reply, Submission, Visit, redirect, rendered};

pub(crate) async fn show(visit: Visit) -> Reply {
    let app = visit.app().await?;
    let switch =
        visit.read(|reads, session| async move { reads.billing_switch(&session.workspace_id).await }).await?;
    if switch.is_on() {
        return Ok(redirect(&format!("/app/{}/billing", app.id)));
    }
    page(&visit, StatusCode::OK, &app, visit.confirming(), Gateway::default().as_str()).await
}

pub(crate) async fn take(submission: Submission) -> Reply {
    let administrator = submission.administrator()?;
    let visit = &submission.visit;
    let app = visit.app().await?;
    let chosen = submission.fields.text("gateway");
    let mut errors = Vec::new();
    let Some(gateway) = submission.fields.parse("gateway", &mut errors) else {
        return page(visit, StatusCode::BAD_REQUEST, &app, submission.again(errors), chosen).await;
    };
    let change = EnableBilling { gateway, wish: EnableWish::Enable };
    match visit.change(administrator, change).await? {
        Ok(_) => visit.done(Flash::BillingEnabled, &format!("/app/{}/billing", app.id)),
        Err(refused) => {
            let (status, state) = submission.refused(refused)?;
            page(visit, status, &app, state, chosen).await
        }
    }
}

async fn page(visit: &Visit, status: StatusCode, app: &App, state: FormState, chosen: &str) -> Reply {
    let page = EnableBillingPage {
        layout: visit.app_layout(app, Section::AppBilling)?,
        app_id: app.id.to_string(),
        form: gateway_form(visit, state, chosen).await?,
    };
    rendered(status, &page)
}
