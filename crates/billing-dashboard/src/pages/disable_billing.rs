use actix_web::http::StatusCode;
use billing_application::{DisableBillingError, Refused};
use billing_domain::{Blockers, Timestamp};

use super::blockers::{Found, app_of, row};
use super::settings::PATH;
use crate::lists::{grouped, known_apps, with_apps};
use crate::present::moment;
use crate::stripe_pages::stripe_page;
use crate::views::{ConfirmPage, Confirmation, DisableRefusedPage, FormState, Place};
use crate::web::{Flash, Reply, Submission, Visit, redirect, refusal, rendered};

/// The maximum number of blockers on the page, each of which may cost a read; the API lists more.
const BLOCKERS_SHOWN: usize = 35;

pub(crate) async fn show(visit: Visit) -> Reply {
    let asked_at = visit.dashboard.clock.now();
    let preflight = visit
        .ask_gateway(|reads, session| async move { reads.preflight_disable(&session.workspace_id).await });
    let refused = match preflight.await? {
        Ok(blockers) if blockers.is_empty() => return ask(&visit, StatusCode::OK, visit.confirming()),
        Ok(blockers) => {
            return refuse(&visit, StatusCode::OK, blockers, asked_at, "Nothing was changed.").await;
        }
        Err(Refused::NotEnabled) => return Ok(redirect(PATH)),
        Err(refused) => refused,
    };
    let (status, error) = refusal(refused)?;
    let form = FormState {
        errors: vec![error],
        is_unanswered: status == StatusCode::SERVICE_UNAVAILABLE,
        ..visit.confirming()
    };
    ask(&visit, status, form)
}

pub(crate) async fn take(submission: Submission) -> Reply {
    let administrator = submission.administrator()?;
    let visit = &submission.visit;
    let asked_at = visit.dashboard.clock.now();
    let disabled =
        visit.call(administrator, |executor, by| async move { executor.disable_billing(&by).await });
    match disabled.await? {
        Ok(_) => visit.done(Flash::BillingDisabled, PATH),
        Err(Refused::Rule(DisableBillingError::Blocked(blockers))) => {
            // The guard ends what is open before it asks what is left.
            let changed = "Checkout links that were open have been ended.";
            refuse(visit, StatusCode::BAD_REQUEST, blockers, asked_at, changed).await
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
            "Open checkouts are ended. Plans, prices and features stay as they are, and you can enable billing again."
                .to_owned(),
        button: "Disable billing",
        leave: "Cancel",
        action: format!("{PATH}/disable"),
        back: PATH.to_owned(),
        back_label: "Billing settings".to_owned(),
    };
    rendered(
        status,
        &ConfirmPage { layout: visit.layout(Place::BillingSettings)?, asked, form, refusal: None },
    )
}

async fn refuse(
    visit: &Visit,
    status: StatusCode,
    blockers: Blockers,
    asked_at: Timestamp,
    changed: &'static str,
) -> Reply {
    let shown = &blockers.listed()[..blockers.listed().len().min(BLOCKERS_SHOWN)];
    let unlisted = blockers.total().saturating_sub(shown.len() as u64);
    let ids = shown.iter().filter_map(|blocker| app_of(blocker).map(ToString::to_string)).collect();
    let page_of = |kind, account: Option<&_>, id: &_| stripe_page(&visit.dashboard, kind, account, id);
    let apps = with_apps(visit, known_apps(visit).await?, ids).await?;
    let mut rows = Vec::new();
    for blocker in shown {
        let found = Found::of(visit, blocker).await?;
        rows.push(row(blocker, found, &apps, page_of));
    }
    let things = if blockers.total() == 1 { "thing" } else { "things" };
    let page = DisableRefusedPage {
        layout: visit.layout(Place::BillingSettings)?,
        total: format!("{} {things} can still be charged", grouped(blockers.total())),
        asked: moment(asked_at),
        blockers: rows,
        more: (unlisted > 0).then(|| grouped(unlisted)),
        text: DisableBillingError::Blocked(blockers).to_string(),
        changed,
    };
    rendered(status, &page)
}
