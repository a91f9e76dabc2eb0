use actix_web::http::StatusCode;
use billing_application::{EnableBillingError, EnableBillingRequest, EnableWish};
use billing_domain::{App, PaymentGateway};

use super::gateway_form::gateway_form;
use crate::views::{EnableBillingPage, FormState, Section};
use crate::web::{Flash, Reply, Submission, Visit, error_of, error_of_form, redirect, rendered};

pub(crate) async fn show(visit: Visit) -> Reply {
    let app = visit.app().await?;
    let switch = visit
        .read(|reads, session| async move { reads.billing_status.execute(&session.workspace_id).await })
        .await?;
    if switch.is_on() {
        return Ok(redirect(&format!("/app/{}/billing", app.id)));
    }
    page(&visit, StatusCode::OK, &app, visit.confirming(), PaymentGateway::default().as_str()).await
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
    let request = EnableBillingRequest {
        wish: EnableWish::Enable,
        workspace_id: administrator.workspace_id,
        gateway,
        actor: administrator.actor,
    };
    match visit.change(|changes| async move { changes.enable_billing.execute(request).await }).await? {
        Ok(_) => visit.done(Flash::BillingEnabled, &format!("/app/{}/billing", app.id)),
        Err(EnableBillingError::Store(error)) => Err(error.into()),
        Err(refused) => {
            let (status, error) = refusal(&refused);
            page(visit, status, &app, submission.again(vec![error]), chosen).await
        }
    }
}

/// How the form says why billing was not enabled or switched.
pub(super) fn refusal(refused: &EnableBillingError) -> (StatusCode, crate::views::FormError) {
    match refused {
        EnableBillingError::GatewayNotConfigured(_) => {
            (StatusCode::BAD_REQUEST, error_of("gateway", refused))
        }
        EnableBillingError::OnAlready(_)
        | EnableBillingError::NotEnabled
        | EnableBillingError::Closing
        | EnableBillingError::Store(_) => (StatusCode::CONFLICT, error_of_form(refused)),
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
