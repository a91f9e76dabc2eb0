use actix_web::http::StatusCode;
use billing_application::ResumeSubscription;
use billing_domain::{App, Subscription};

use super::cancel_subscription::plan;
use super::subscription::{path, subscription};
use crate::present::moment;
use crate::views::{ConfirmPage, Confirmation, FormState, Place};
use crate::web::{Flash, Reply, Submission, Visit, redirect, rendered};

pub(crate) async fn show(visit: Visit) -> Reply {
    let app = visit.app().await?;
    let subscription = subscription(&visit, &app).await?;
    if !subscription.is_ending() {
        return Ok(redirect(&path(&app, subscription.id)));
    }
    ask(&visit, StatusCode::OK, &app, &subscription, visit.confirming()).await
}

pub(crate) async fn take(submission: Submission) -> Reply {
    let administrator = submission.administrator()?;
    let visit = &submission.visit;
    let app = visit.app().await?;
    let subscription = subscription(visit, &app).await?;
    let request = ResumeSubscription { app_id: app.id.clone(), subscription_id: subscription.id };
    let resumed = visit.call(administrator, |executor, by| async move {
        executor.resume_subscription(&by, &request, None).await
    });
    match resumed.await? {
        Ok(_) => visit.done(Flash::SubscriptionResumed, &path(&app, subscription.id)),
        Err(refused) => {
            let (status, form) = submission.refused(refused)?;
            ask(visit, status, &app, &subscription, form).await
        }
    }
}

async fn ask(
    visit: &Visit,
    status: StatusCode,
    app: &App,
    subscription: &Subscription,
    form: FormState,
) -> Reply {
    let (plan, back) = (plan(visit, app, subscription).await?, path(app, subscription.id));
    let end = subscription.state.times.cancel_at.map(|end| format!(" on {}", moment(end).date));
    let asked = Confirmation {
        question: format!("Resume {plan} of {}?", subscription.payer.id()),
        consequences: format!(
            "The subscription does not end{}. It renews itself, and each period is charged.",
            end.unwrap_or_default()
        ),
        button: "Resume subscription",
        leave: "Let it end",
        action: format!("{back}/resume"),
        back,
        back_label: plan,
    };
    let layout = visit.app_layout(app, Place::Billing)?;
    rendered(status, &ConfirmPage { layout, asked, form, refusal: None })
}
