use actix_web::http::StatusCode;
use billing_application::CancelSubscription;
use billing_domain::{App, Subscription};

use super::sales::Offers;
use super::subscription::{path, subscription};
use crate::present::moment;
use crate::views::{ConfirmPage, Confirmation, FormState, Place};
use crate::web::{Failure, Flash, Reply, Submission, Visit, redirect, rendered};

pub(crate) async fn show_at_period_end(visit: Visit) -> Reply {
    show(&visit, true).await
}

pub(crate) async fn take_at_period_end(submission: Submission) -> Reply {
    take(&submission, true).await
}

pub(crate) async fn show_now(visit: Visit) -> Reply {
    show(&visit, false).await
}

pub(crate) async fn take_now(submission: Submission) -> Reply {
    take(&submission, false).await
}

async fn show(visit: &Visit, at_period_end: bool) -> Reply {
    let app = visit.app().await?;
    let subscription = subscription(visit, &app).await?;
    if !subscription.is_live() || at_period_end && subscription.is_ending() {
        return Ok(redirect(&path(&app, subscription.id)));
    }
    let form = visit.confirming();
    ask(visit, StatusCode::OK, &app, &subscription, at_period_end, form).await
}

async fn take(submission: &Submission, at_period_end: bool) -> Reply {
    let administrator = submission.administrator()?;
    let visit = &submission.visit;
    let app = visit.app().await?;
    let subscription = subscription(visit, &app).await?;
    let request =
        CancelSubscription { app_id: app.id.clone(), subscription_id: subscription.id, at_period_end };
    let canceled = visit.call(administrator, |executor, by| async move {
        executor.cancel_subscription(&by, &request, None).await
    });
    match canceled.await? {
        Ok(_) => {
            let flash = if at_period_end { Flash::SubscriptionEnds } else { Flash::SubscriptionCanceled };
            visit.done(flash, &path(&app, subscription.id))
        }
        Err(refused) => {
            let (status, form) = submission.refused(refused)?;
            ask(visit, status, &app, &subscription, at_period_end, form).await
        }
    }
}

async fn ask(
    visit: &Visit,
    status: StatusCode,
    app: &App,
    subscription: &Subscription,
    at_period_end: bool,
    form: FormState,
) -> Reply {
    let plan = plan(visit, app, subscription).await?;
    let asked = question(app, subscription, &plan, at_period_end);
    let layout = visit.app_layout(app, Place::Billing)?;
    rendered(status, &ConfirmPage { layout, asked, form, refusal: None })
}

/// The name of the subscription's plan.
pub(super) async fn plan(visit: &Visit, app: &App, subscription: &Subscription) -> Result<String, Failure> {
    let plan = subscription.state.plan_id;
    Ok(Offers::of(visit, app, plan).await?.name(plan))
}

fn question(app: &App, subscription: &Subscription, plan: &str, at_period_end: bool) -> Confirmation {
    let (payer, back) = (subscription.payer.id(), path(app, subscription.id));
    let until = subscription.state.times.period_end.map(|end| format!(", on {}", moment(end).date));
    let (question, consequences, button, action) = if at_period_end {
        (
            format!("Cancel {plan} of {payer} at the end of the period?"),
            format!(
                "The subscription ends with its present period{}. No further period is charged, and nothing is refunded.",
                until.unwrap_or_default()
            ),
            "Cancel at period end",
            format!("{back}/cancel"),
        )
    } else {
        (
            format!("Cancel {plan} of {payer} now?"),
            "The subscription ends at once. No further period is charged, and nothing is refunded. This cannot be \
             undone."
                .to_owned(),
            "Cancel now",
            format!("{back}/cancel-now"),
        )
    };
    Confirmation {
        question,
        consequences,
        button,
        leave: "Keep subscription",
        action,
        back,
        back_label: plan.to_owned(),
    }
}
