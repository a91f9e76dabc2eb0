use actix_web::http::StatusCode;
use billing_application::{EnableBillingError, EnableBillingRequest, EnableWish};

use super::enable_billing::refusal;
use super::gateway_form::gateway_form;
use crate::views::{FormState, Section, SwitchGatewayPage};
use crate::web::{Flash, Reply, Submission, Visit, redirect, rendered};

const SETTINGS: &str = "/settings/billing";

pub(crate) async fn show(visit: Visit) -> Reply {
    let switch = visit
        .read(|reads, session| async move { reads.billing_status.execute(&session.workspace_id).await })
        .await?;
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
    let request = EnableBillingRequest {
        wish: EnableWish::Switch,
        workspace_id: administrator.workspace_id,
        gateway,
        actor: administrator.actor,
    };
    match visit.change(|changes| async move { changes.enable_billing.execute(request).await }).await? {
        Ok(_) => visit.done(Flash::GatewaySwitched, SETTINGS),
        Err(EnableBillingError::Store(error)) => Err(error.into()),
        Err(refused) => {
            let (status, error) = refusal(&refused);
            page(visit, status, submission.again(vec![error]), chosen).await
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
