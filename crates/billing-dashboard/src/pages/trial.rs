use actix_web::http::StatusCode;
use billing_application::{ChangeTrial, Refused, SubscriptionError};
use billing_domain::{Administrator, App, Subscription, SubscriptionStatus, Timestamp, TrialEnd};
use chrono::{NaiveDateTime, TimeDelta};

use super::cancel_subscription::plan;
use super::subscription::{path, subscription};
use crate::present::moment;
use crate::views::{ConfirmPage, Confirmation, Field, FormState, Place, TrialForm, TrialPage};
use crate::web::{Failure, Flash, Reply, Submission, Visit, parsed, redirect, rendered};

/// The form of a moment in a field of the type `datetime-local`.
const LOCAL: &str = "%Y-%m-%dT%H:%M";

pub(crate) async fn show(visit: Visit) -> Reply {
    let app = visit.app().await?;
    let subscription = subscription(&visit, &app).await?;
    let Some(end) = trial_end(&subscription) else {
        return Ok(redirect(&path(&app, subscription.id)));
    };
    let form = TrialForm { state: visit.creating(), ends_at: Field::new(local(end)) };
    page(&visit, StatusCode::OK, &app, &subscription, form).await
}

pub(crate) async fn take(submission: Submission) -> Reply {
    let administrator = submission.administrator()?;
    let visit = &submission.visit;
    let app = visit.app().await?;
    let subscription = subscription(visit, &app).await?;
    let typed = submission.fields.typed("ends_at");
    let mut errors = Vec::new();
    let Some(end) =
        parsed(moment_of(&typed.value, subscription.state.times.trial_end), "ends_at", &mut errors)
    else {
        let form = TrialForm { state: submission.again(errors), ends_at: typed };
        return page(visit, StatusCode::BAD_REQUEST, &app, &subscription, form).await;
    };
    let (app_id, subscription_id) = (app.id.clone(), subscription.id);
    let request = ChangeTrial { app_id, subscription_id, ends: TrialEnd::at(end) };
    match changed(&submission, administrator, request).await? {
        Ok(_) => visit.done(Flash::TrialChanged, &path(&app, subscription.id)),
        Err(refused) => {
            let (status, state) = submission.refused(refused)?;
            page(visit, status, &app, &subscription, TrialForm { state, ends_at: typed }).await
        }
    }
}

pub(crate) async fn show_end(visit: Visit) -> Reply {
    let app = visit.app().await?;
    let subscription = subscription(&visit, &app).await?;
    if trial_end(&subscription).is_none() {
        return Ok(redirect(&path(&app, subscription.id)));
    }
    ask(&visit, StatusCode::OK, &app, &subscription, visit.creating()).await
}

pub(crate) async fn take_end(submission: Submission) -> Reply {
    let administrator = submission.administrator()?;
    let visit = &submission.visit;
    let app = visit.app().await?;
    let subscription = subscription(visit, &app).await?;
    let request =
        ChangeTrial { app_id: app.id.clone(), subscription_id: subscription.id, ends: TrialEnd::Now };
    match changed(&submission, administrator, request).await? {
        Ok(_) => visit.done(Flash::TrialEnded, &path(&app, subscription.id)),
        Err(refused) => {
            let (status, form) = submission.refused(refused)?;
            ask(visit, status, &app, &subscription, form).await
        }
    }
}

type Changed = Result<Subscription, Refused<SubscriptionError>>;

async fn changed(
    submission: &Submission,
    administrator: Administrator,
    request: ChangeTrial,
) -> Result<Changed, Failure> {
    let key = submission.request_key();
    let changed = submission.visit.call(administrator, |executor, by| async move {
        executor.change_trial(&by, &request, key.as_ref()).await
    });
    changed.await
}

/// The end of the trial, if one runs.
fn trial_end(subscription: &Subscription) -> Option<Timestamp> {
    let is_trialing = subscription.state.status == SubscriptionStatus::Trialing;
    subscription.state.times.trial_end.filter(|_| is_trialing)
}

fn local(at: Timestamp) -> String {
    at.format(LOCAL).to_string()
}

/// The moment that was typed, in UTC. The present end, as the field shows it, stays to the second.
fn moment_of(typed: &str, present: Option<Timestamp>) -> Result<Timestamp, &'static str> {
    let moment = NaiveDateTime::parse_from_str(typed.trim(), LOCAL)
        .or_else(|_| NaiveDateTime::parse_from_str(typed.trim(), "%Y-%m-%dT%H:%M:%S"))
        .map_err(|_| "Enter a date and a time, such as 2026-12-24T12:00.")?
        .and_utc();
    let is_present = |end: &Timestamp| *end >= moment && *end - moment < TimeDelta::minutes(1);
    Ok(present.filter(is_present).unwrap_or(moment))
}

async fn page(
    visit: &Visit,
    status: StatusCode,
    app: &App,
    subscription: &Subscription,
    form: TrialForm,
) -> Reply {
    let page = TrialPage {
        layout: visit.app_layout(app, Place::Billing)?,
        path: path(app, subscription.id),
        plan: plan(visit, app, subscription).await?,
        payer: subscription.payer.id().to_owned(),
        ends: trial_end(subscription).map(moment),
        form,
    };
    rendered(status, &page)
}

async fn ask(
    visit: &Visit,
    status: StatusCode,
    app: &App,
    subscription: &Subscription,
    form: FormState,
) -> Reply {
    let (plan, back) = (plan(visit, app, subscription).await?, path(app, subscription.id));
    let asked = Confirmation {
        question: format!("End the trial of {} now?", subscription.payer.id()),
        consequences: format!(
            "The first period of {plan} begins at once, and the payer is charged for it. If the payment fails, the \
             subscription is past due. This cannot be undone."
        ),
        button: "End trial and charge",
        leave: "Keep trial",
        action: format!("{back}/end-trial"),
        back,
        back_label: plan,
    };
    let layout = visit.app_layout(app, Place::Billing)?;
    rendered(status, &ConfirmPage { layout, asked, form, refusal: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_moment_is_in_utc_and_keeps_the_seconds_of_the_present_end() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let present = Some(at("2026-12-24T12:00:37Z"));
        assert_eq!(moment_of(" 2026-12-24T12:00 ", None), Ok(at("2026-12-24T12:00:00Z")));
        assert_eq!(moment_of("2026-12-24T12:00:05", None), Ok(at("2026-12-24T12:00:05Z")));
        assert_eq!(moment_of("2026-12-24T12:00", present), Ok(at("2026-12-24T12:00:37Z")));
        assert_eq!(moment_of("2026-12-24T12:01", present), Ok(at("2026-12-24T12:01:00Z")));
        assert!(moment_of("tomorrow", present).is_err());
    }
}
