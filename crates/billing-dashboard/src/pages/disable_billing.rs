use actix_web::http::StatusCode;
use billing_application::{DisableBillingError, Facts, Refusal, Refused};
use billing_domain::{Blocker, Payer};

use super::settings::PATH;
use crate::lists::{known_apps, name_of};
use crate::views::{
    AppLink, BlockerRow, ConfirmPage, Confirmation, DisableRefusedPage, FormState, Place, Status,
};
use crate::web::{Failure, Flash, Reply, Submission, Visit, redirect, rendered};

/// The maximum number of blockers on the page; the API lists more.
const BLOCKERS_SHOWN: usize = 50;

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
    match preflight {
        None => Ok(redirect(PATH)),
        Some(blockers) if blockers.is_empty() => ask(&visit, StatusCode::OK, visit.confirming()),
        Some(blockers) => refuse(&visit, StatusCode::OK, &DisableBillingError::Blocked(blockers)).await,
    }
}

pub(crate) async fn take(submission: Submission) -> Reply {
    let administrator = submission.administrator()?;
    let visit = &submission.visit;
    match visit.disable_billing(administrator).await? {
        Ok(_) => visit.done(Flash::BillingDisabled, PATH),
        Err(Refused::Rule(refusal @ DisableBillingError::Blocked(_))) => {
            refuse(visit, StatusCode::BAD_REQUEST, &refusal).await
        }
        Err(refused) => {
            let (status, state) = submission.refused(refused)?;
            ask(visit, status, state)
        }
    }
}

fn ask(visit: &Visit, status: StatusCode, form: FormState) -> Reply {
    let asked = Confirmation {
        question: "Disable billing?".to_owned(),
        consequences:
            "Checkouts stop. Plans, prices and features stay as they are, and you can enable billing again."
                .to_owned(),
        button: "Disable billing",
        action: format!("{PATH}/disable"),
        back: PATH.to_owned(),
        back_label: "Billing settings".to_owned(),
    };
    rendered(
        status,
        &ConfirmPage { layout: visit.layout(Place::BillingSettings)?, asked, form, refusal: None },
    )
}

async fn refuse(visit: &Visit, status: StatusCode, refusal: &DisableBillingError) -> Reply {
    let Facts::Blockers(blockers) = refusal.told().facts else {
        return Err(Failure::refused(refusal.to_string()));
    };
    let shown = &blockers.listed()[..blockers.listed().len().min(BLOCKERS_SHOWN)];
    let unlisted = blockers.total().saturating_sub(shown.len() as u64);
    let apps = known_apps(visit).await?;
    let things = if blockers.total() == 1 { "thing" } else { "things" };
    let page = DisableRefusedPage {
        layout: visit.layout(Place::BillingSettings)?,
        total: format!("{} {things} can still be charged", blockers.total()),
        text: refusal.to_string(),
        blockers: shown.iter().map(|blocker| row(blocker, &apps)).collect(),
        more: (unlisted > 0).then(|| unlisted.to_string()),
    };
    rendered(status, &page)
}

fn row(blocker: &Blocker, apps: &[AppLink]) -> BlockerRow {
    let (what, id, status, payer, app) = match blocker {
        Blocker::Subscription { id, app_id, payer, status } => {
            ("Subscription", id.to_string(), Status::subscription(status), Some(payer), Some(app_id))
        }
        Blocker::WorkspaceSubscription { id, status } => {
            ("The workspace’s own subscription", id.to_string(), Status::subscription(status), None, None)
        }
        Blocker::CheckoutIntent { id, app_id, payer, state, .. } => {
            ("Checkout", id.to_string(), Status::checkout(*state), Some(payer), Some(app_id))
        }
    };
    let app = app.map(|id| name_of(apps, id.as_str())).unwrap_or_default();
    BlockerRow { what, id, status, payer: payer.map(payer_id).unwrap_or_default(), app }
}

fn payer_id(payer: &Payer) -> String {
    match payer {
        Payer::User(id) => id.to_string(),
        Payer::Organization(id) => id.to_string(),
    }
}
