use actix_web::http::StatusCode;
use billing_application::EnableWish;

use super::gateway_form;
use super::settings::{PATH, switch};
use crate::views::{GatewayQuestion, Layout, Place};
use crate::web::{Failure, Flash, Reply, Submission, Visit, redirect};

pub(crate) async fn show(visit: Visit) -> Reply {
    let Some(gateway) = switch(&visit).await?.gateway() else { return Ok(redirect(PATH)) };
    let question = question(&visit)?;
    gateway_form::page(&visit, StatusCode::OK, question, visit.confirming(), gateway.as_str()).await
}

pub(crate) async fn take(submission: Submission) -> Reply {
    let question = question(&submission.visit)?;
    gateway_form::take(&submission, question, EnableWish::Switch, (Flash::GatewaySwitched, PATH)).await
}

fn question(visit: &Visit) -> Result<(Layout, GatewayQuestion), Failure> {
    let asked = GatewayQuestion {
        title: "Switch gateway",
        lead: "Choose whose Stripe account sells from now on.",
        next: &[
            "New customers and checkouts go to the new gateway.",
            "Subscriptions that exist stay with the account they began on, keep renewing and stay manageable.",
        ],
        action: format!("{PATH}/gateway"),
        back: PATH.to_owned(),
        back_label: "Billing settings",
    };
    Ok((visit.layout(Place::BillingSettings)?, asked))
}
