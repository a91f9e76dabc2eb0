use actix_web::http::StatusCode;
use billing_application::UndoScheduledChange;
use billing_domain::{App, Subscription};

use super::cancel_subscription::plan;
use super::sales::Offers;
use super::subscription::{path, plans_of, scheduled, subscription};
use crate::views::{ConfirmPage, Confirmation, FormState, Place};
use crate::web::{Flash, Reply, Submission, Visit, redirect, rendered};

pub(crate) async fn show(visit: Visit) -> Reply {
    let app = visit.app().await?;
    let subscription = subscription(&visit, &app).await?;
    if subscription.scheduled_change().is_none() {
        return Ok(redirect(&path(&app, subscription.id)));
    }
    ask(&visit, StatusCode::OK, &app, &subscription, visit.confirming()).await
}

pub(crate) async fn take(submission: Submission) -> Reply {
    let administrator = submission.administrator()?;
    let visit = &submission.visit;
    let app = visit.app().await?;
    let subscription = subscription(visit, &app).await?;
    let request = UndoScheduledChange { app_id: app.id.clone(), subscription_id: subscription.id };
    let undone = visit.call(administrator, |executor, by| async move {
        executor.undo_scheduled_change(&by, &request, None).await
    });
    match undone.await? {
        Ok(_) => visit.done(Flash::PlanChangeUndone, &path(&app, subscription.id)),
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
    let offers = Offers::of(visit, app, plans_of(subscription)).await?;
    let coming = scheduled(subscription, &offers);
    let coming = coming.map(|change| format!(" to {} on {}", change.text, change.at.date));
    let asked = Confirmation {
        question: format!("Undo the change of {plan} of {}?", subscription.payer.id()),
        consequences: format!(
            "The subscription does not change{}. It goes on as it is, and nothing is charged now.",
            coming.unwrap_or_default()
        ),
        button: "Undo the change",
        leave: "Keep the change",
        action: format!("{back}/undo-change"),
        back,
        back_label: plan,
    };
    let layout = visit.app_layout(app, Place::Billing)?;
    rendered(status, &ConfirmPage { layout, asked, form, refusal: None })
}
