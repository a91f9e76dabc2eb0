use actix_web::http::StatusCode;
use billing_application::EnableWish;
use billing_domain::{App, Gateway};

use super::gateway_form;
use super::settings::switch;
use crate::views::{GatewayQuestion, Layout, Place};
use crate::web::{Failure, Flash, Reply, Submission, Visit, redirect};

pub(crate) async fn show(visit: Visit) -> Reply {
    let app = visit.app().await?;
    if switch(&visit).await?.is_on() {
        return Ok(redirect(&format!("/app/{}/billing", app.id)));
    }
    let (question, chosen) = (question(&visit, &app)?, Gateway::default().as_str());
    gateway_form::page(&visit, StatusCode::OK, question, visit.confirming(), chosen).await
}

pub(crate) async fn take(submission: Submission) -> Reply {
    submission.administrator()?;
    let app = submission.visit.app().await?;
    let question = question(&submission.visit, &app)?;
    let done = question.1.back.clone();
    gateway_form::take(&submission, question, EnableWish::Enable, (Flash::BillingEnabled, &done)).await
}

fn question(visit: &Visit, app: &App) -> Result<(Layout, GatewayQuestion), Failure> {
    let layout = visit.app_layout(app, Place::Billing)?;
    let back = layout.billing();
    let asked = GatewayQuestion {
        title: "Enable Billing",
        lead: "Choose whose Stripe account sells. You can switch later.",
        next: &[
            "Plans and features appear in this tab, for every app of the workspace.",
            "You sell with checkout links. Nobody is charged before they subscribe at one.",
            "If you switch later, existing subscriptions stay with the account they began on.",
        ],
        action: format!("{back}/enable"),
        back,
        back_label: "Billing",
    };
    Ok((layout, asked))
}
