use actix_web::http::StatusCode;
use billing_application::{DisableBillingError, Refused};
use billing_domain::{AppId, Blocker, Blockers, ChargeableKind, ChargeableObject, CheckoutIntentState};

use super::settings::PATH;
use crate::lists::{grouped, known_apps, name_of, with_apps};
use crate::present::optional;
use crate::stripe_pages::{StripeKind, stripe_page};
use crate::views::{
    AppLink, BlockerEnd, BlockerRow, ConfirmPage, Confirmation, DisableRefusedPage, FormState, Place, Status,
};
use crate::web::{Failure, Flash, Reply, Submission, Visit, redirect, refusal, rendered};

/// The maximum number of blockers on the page; the API lists more.
const BLOCKERS_SHOWN: usize = 50;

pub(crate) async fn show(visit: Visit) -> Reply {
    let preflight = visit.read(|reads, session| async move {
        Ok::<_, Failure>(reads.preflight_disable(&session.workspace_id).await)
    });
    let refused = match preflight.await? {
        Ok(blockers) if blockers.is_empty() => return ask(&visit, StatusCode::OK, visit.confirming()),
        Ok(blockers) => return refuse(&visit, StatusCode::OK, blockers).await,
        Err(Refused::NotEnabled) => return Ok(redirect(PATH)),
        Err(refused) => refused,
    };
    let (status, error) = refusal(refused)?;
    let form = FormState { errors: vec![error], is_unanswered: true, ..visit.confirming() };
    ask(&visit, status, form)
}

pub(crate) async fn take(submission: Submission) -> Reply {
    let administrator = submission.administrator()?;
    let visit = &submission.visit;
    let disabled =
        visit.call(administrator, |executor, by| async move { executor.disable_billing(&by).await });
    match disabled.await? {
        Ok(_) => visit.done(Flash::BillingDisabled, PATH),
        Err(Refused::Rule(DisableBillingError::Blocked(blockers))) => {
            refuse(visit, StatusCode::BAD_REQUEST, blockers).await
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

async fn refuse(visit: &Visit, status: StatusCode, blockers: Blockers) -> Reply {
    let shown = &blockers.listed()[..blockers.listed().len().min(BLOCKERS_SHOWN)];
    let unlisted = blockers.total().saturating_sub(shown.len() as u64);
    let ids = shown.iter().filter_map(|blocker| app_of(blocker).map(ToString::to_string)).collect();
    let apps = with_apps(visit, known_apps(visit).await?, ids).await?;
    let things = if blockers.total() == 1 { "thing" } else { "things" };
    let page = DisableRefusedPage {
        layout: visit.layout(Place::BillingSettings)?,
        total: format!("{} {things} can still be charged", grouped(blockers.total())),
        blockers: shown.iter().map(|blocker| row(visit, blocker, &apps)).collect(),
        more: (unlisted > 0).then(|| grouped(unlisted)),
        text: DisableBillingError::Blocked(blockers).to_string(),
    };
    rendered(status, &page)
}

fn app_of(blocker: &Blocker) -> Option<&AppId> {
    match blocker {
        Blocker::Subscription { app_id, .. } | Blocker::CheckoutIntent { app_id, .. } => Some(app_id),
        Blocker::WorkspaceSubscription { .. } | Blocker::AtGateway(_) => None,
    }
}

fn row(visit: &Visit, blocker: &Blocker, apps: &[AppLink]) -> BlockerRow {
    let app = app_of(blocker).map(|id| name_of(apps, id.as_str())).unwrap_or_default();
    match blocker {
        Blocker::Subscription { id, app_id, payer, status, .. } => {
            let path = format!("/app/{app_id}/billing/subscriptions/{id}");
            BlockerRow {
                what: "Subscription",
                id: id.to_string(),
                status: Status::subscription(status),
                payer: payer.id().to_owned(),
                app,
                end: Some(BlockerEnd { label: "Cancel now", address: format!("{path}/cancel-now") }),
                address: Some(path),
            }
        }
        Blocker::CheckoutIntent { id, app_id, payer, state, .. } => {
            let path = format!("/app/{app_id}/billing/checkout-links/{id}");
            let is_endable = *state != CheckoutIntentState::Complete;
            let end = BlockerEnd { label: "End link", address: format!("{path}/end") };
            BlockerRow {
                what: "Checkout link",
                id: id.to_string(),
                status: Status::checkout(*state),
                payer: payer.id().to_owned(),
                app,
                end: is_endable.then_some(end),
                address: Some(path),
            }
        }
        Blocker::WorkspaceSubscription { id, status } => BlockerRow {
            what: "The workspace’s own subscription",
            id: id.to_string(),
            address: None,
            status: Status::subscription(status),
            payer: String::new(),
            app,
            end: None,
        },
        Blocker::AtGateway(object) => BlockerRow { app, ..at_stripe(visit, object) },
    }
}

/// An object that Stripe lists. It is ended at Stripe, on its page or else the customer's.
fn at_stripe(visit: &Visit, object: &ChargeableObject) -> BlockerRow {
    let (what, kind) = match object.kind {
        ChargeableKind::CheckoutSession => ("Open checkout at Stripe", None),
        ChargeableKind::Subscription => ("Subscription at Stripe", Some(StripeKind::Subscription)),
        ChargeableKind::SubscriptionSchedule => {
            ("Subscription at Stripe that has not started", Some(StripeKind::Schedule))
        }
        ChargeableKind::Invoice => ("Invoice at Stripe", Some(StripeKind::Invoice)),
        ChargeableKind::InvoiceItem => ("Item at Stripe for the next invoice", None),
    };
    let page = |kind, id| stripe_page(&visit.dashboard, kind, &object.account, id);
    let customer = object.customer.as_ref();
    let address = match kind {
        Some(kind) => Some(page(kind, &object.id)),
        None => customer.map(|customer| page(StripeKind::Customer, customer)),
    };
    BlockerRow {
        what,
        id: object.id.to_string(),
        status: Status::chargeable(object),
        payer: optional(customer),
        app: String::new(),
        end: address.clone().map(|address| BlockerEnd { label: "Open at Stripe", address }),
        address,
    }
}
