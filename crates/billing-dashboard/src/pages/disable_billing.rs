use actix_web::http::StatusCode;
use billing_application::{DisableBillingError, Facts, Refusal, Refused};
use billing_domain::{Blocker, Payer};

use crate::views::{BlockerRow, DisableAnswer, DisableBillingPage, FormState, Section};
use crate::web::{Flash, Reply, Submission, Visit, rendered};

pub(crate) async fn show(visit: Visit) -> Reply {
    let preflight = visit
        .read(|reads, session| async move {
            match reads.preflight_disable(&session.workspace_id).await {
                Ok(blockers) => Ok(Some(blockers)),
                Err(Refused::NotEnabled) => Ok(None),
                Err(refused) => Err(refused),
            }
        })
        .await?;
    let answer = match preflight {
        None => DisableAnswer::AlreadyOff,
        Some(blockers) if blockers.is_empty() => DisableAnswer::Possible,
        Some(blockers) => answer(&DisableBillingError::Blocked(blockers)),
    };
    page(&visit, StatusCode::OK, visit.confirming(), answer)
}

pub(crate) async fn take(submission: Submission) -> Reply {
    let administrator = submission.administrator()?;
    let visit = &submission.visit;
    match visit.disable_billing(administrator).await? {
        Ok(_) => visit.done(Flash::BillingDisabled, "/settings/billing"),
        Err(Refused::Rule(refusal)) => {
            let answer = answer(&refusal);
            let (status, state) = submission.refused(Refused::Rule(refusal))?;
            match answer {
                // The page shows the refusal itself.
                DisableAnswer::Blocked { .. } => page(visit, status, submission.again(Vec::new()), answer),
                answer => page(visit, status, state, answer),
            }
        }
        Err(refused) => Err(refused.into()),
    }
}

fn page(visit: &Visit, status: StatusCode, form: FormState, answer: DisableAnswer) -> Reply {
    let layout = visit.layout(Section::BillingSettings)?;
    rendered(status, &DisableBillingPage { layout, form, answer })
}

/// The refusal as the page shows it.
fn answer(refusal: &impl Refusal) -> DisableAnswer {
    let Facts::Blockers(blockers) = refusal.told().facts else { return DisableAnswer::Possible };
    let listed = blockers.listed();
    let unlisted = blockers.total().saturating_sub(listed.len() as u64);
    DisableAnswer::Blocked {
        text: refusal.to_string(),
        blockers: listed.iter().map(row).collect(),
        more: (unlisted > 0).then(|| unlisted.to_string()),
    }
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
