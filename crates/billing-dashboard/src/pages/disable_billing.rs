use actix_web::http::StatusCode;
use billing_application::{DisableBillingError, DisableBillingRequest, PreflightDisableError};
use billing_domain::{Blocker, Blockers, Payer};

use crate::views::{BlockerRow, DisableAnswer, DisableBillingPage, FormState, Section};
use crate::web::{Failure, Flash, Reply, Submission, Visit, error_of_form, rendered};

pub(crate) async fn show(visit: Visit) -> Reply {
    let preflight = visit
        .read(|reads, session| async move {
            match reads.preflight_disable.execute(&session.workspace_id).await {
                Ok(blockers) => Ok(Some(blockers)),
                Err(PreflightDisableError::NotEnabled) => Ok(None),
                Err(PreflightDisableError::Store(error)) => Err(error),
            }
        })
        .await?;
    let answer = match preflight {
        None => DisableAnswer::AlreadyOff,
        Some(blockers) if blockers.is_empty() => DisableAnswer::Possible,
        Some(blockers) => blocked(DisableBillingError::Blocked(blockers))?,
    };
    page(&visit, StatusCode::OK, visit.confirming(), answer)
}

pub(crate) async fn take(submission: Submission) -> Reply {
    let administrator = submission.administrator()?;
    let visit = &submission.visit;
    let request =
        DisableBillingRequest { workspace_id: administrator.workspace_id, actor: administrator.actor };
    match visit.change(|changes| async move { changes.disable_billing.execute(request).await }).await? {
        Ok(_) => visit.done(Flash::BillingDisabled, "/settings/billing"),
        Err(DisableBillingError::Store(error)) => Err(error.into()),
        Err(error @ DisableBillingError::Contended) => {
            let state = submission.again(vec![error_of_form(&error)]);
            page(visit, StatusCode::CONFLICT, state, DisableAnswer::Possible)
        }
        Err(error @ DisableBillingError::Blocked(_)) => {
            page(visit, StatusCode::BAD_REQUEST, submission.again(Vec::new()), blocked(error)?)
        }
    }
}

fn page(visit: &Visit, status: StatusCode, form: FormState, answer: DisableAnswer) -> Reply {
    let layout = visit.layout(Section::BillingSettings)?;
    rendered(status, &DisableBillingPage { layout, form, answer })
}

fn blocked(error: DisableBillingError) -> Result<DisableAnswer, Failure> {
    let text = error.to_string();
    let blockers: Blockers = match error {
        DisableBillingError::Blocked(blockers) => blockers,
        error => return Err(Failure::internal(error)),
    };
    let listed = blockers.listed();
    let unlisted = blockers.total().saturating_sub(listed.len() as u64);
    Ok(DisableAnswer::Blocked {
        text,
        blockers: listed.iter().map(row).collect(),
        more: (unlisted > 0).then(|| unlisted.to_string()),
    })
}

fn row(blocker: &Blocker) -> BlockerRow {
    match blocker {
        Blocker::Subscription { id, app_id, payer, status } => BlockerRow {
            what: "Subscription".to_owned(),
            id: id.to_string(),
            app: app_id.to_string(),
            payer: payer_text(payer),
            status: status.to_string(),
        },
        Blocker::WorkspaceSubscription { id, status } => BlockerRow {
            what: "The workspace's own subscription".to_owned(),
            id: id.to_string(),
            app: String::new(),
            payer: String::new(),
            status: status.to_string(),
        },
        Blocker::CheckoutIntent { id, app_id, payer, state, .. } => BlockerRow {
            what: "Checkout".to_owned(),
            id: id.to_string(),
            app: app_id.to_string(),
            payer: payer_text(payer),
            status: state.to_string(),
        },
    }
}

fn payer_text(payer: &Payer) -> String {
    match payer {
        Payer::User(id) => format!("User {id}"),
        Payer::Organization(id) => format!("Organization {id}"),
    }
}
