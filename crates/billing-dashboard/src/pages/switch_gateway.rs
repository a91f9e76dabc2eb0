use actix_web::http::StatusCode;
use billing_application::{EnableBilling, EnableWish};

use super::gateway_form::gateway_form;
use crate::views::{FormState, Section, SwitchGatewayPage};
use crate::web::{Flash, Reply, Submission, Visit, redirect, rendered};

const SETTINGS: &str = "/settings/billing";

pub(crate) async fn show(visit: Visit) -> Reply {
    let switch =
        visit.read(|reads, session| async move { reads.billing_switch(&session.workspace_id).await }).await?;
    match switch.gateway() {
        Some(gateway) => page(&visit, StatusCode::OK, visit.confirming(), gateway.as_str()).await,
        None => Ok(redirect(SETTINGS)),
    }
}

pub(crate) async fn take(submission: Submission) -> Reply {
    let administrator = submission.administrator()?;
    let visit = &submission.visit;
    let chosen = submission.fields.text("gateway");
    let mut errors = Vec::new();
    let Some(gateway) = submission.fields.parse("gateway", &mut errors) else {
        return page(visit, StatusCode::BAD_REQUEST, submission.again(errors), chosen).await;
    };
    let change = EnableBilling { gateway, wish: EnableWish::Switch };
    match visit.change(administrator, change).await? {
        Ok(_) => visit.done(Flash::GatewaySwitched, SETTINGS),
        Err(refused) => {
            let (status, state) = submission.refused(refused)?;
            page(visit, status, state, chosen).await
        }
    }
}

async fn page(visit: &Visit, status: StatusCode, state: FormState, chosen: &str) -> Reply {
    let page = SwitchGatewayPage {
        layout: visit.layout(Section::BillingSettings)?,
        form: gateway_form(visit, state, chosen).await?,
    };
    rendered(status, &page)
}
