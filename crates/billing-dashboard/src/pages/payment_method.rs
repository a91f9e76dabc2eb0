use actix_web::http::StatusCode;
use billing_application::CreatePaymentMethodLink;
use billing_domain::{App, Subscription};

use super::cancel_subscription::plan;
use super::subscription::{path, subscription};
use crate::views::{FormState, PaymentMethodPage, Place};
use crate::web::{Reply, Submission, Visit, redirect, rendered};

pub(crate) async fn show(visit: Visit) -> Reply {
    let app = visit.app().await?;
    let subscription = subscription(&visit, &app).await?;
    if !subscription.is_live() {
        return Ok(redirect(&path(&app, subscription.id)));
    }
    page(&visit, StatusCode::OK, &app, &subscription, visit.creating(), None).await
}

/// The link is in this answer and nowhere else.
pub(crate) async fn take(submission: Submission) -> Reply {
    let administrator = submission.administrator()?;
    let visit = &submission.visit;
    let app = visit.app().await?;
    let subscription = subscription(visit, &app).await?;
    let request = CreatePaymentMethodLink { app_id: app.id.clone(), subscription_id: subscription.id };
    let key = submission.request_key();
    let created = visit.call(administrator, |executor, by| async move {
        executor.create_payment_method_link(&by, &request, key.as_ref()).await
    });
    match created.await? {
        Ok(address) => {
            let form = visit.creating();
            page(visit, StatusCode::OK, &app, &subscription, form, Some(address.0)).await
        }
        Err(refused) => {
            let (status, form) = submission.refused(refused)?;
            page(visit, status, &app, &subscription, form, None).await
        }
    }
}

async fn page(
    visit: &Visit,
    status: StatusCode,
    app: &App,
    subscription: &Subscription,
    form: FormState,
    address: Option<String>,
) -> Reply {
    let page = PaymentMethodPage {
        layout: visit.app_layout(app, Place::Billing)?,
        path: path(app, subscription.id),
        plan: plan(visit, app, subscription).await?,
        payer: subscription.payer.id().to_owned(),
        form,
        address,
    };
    rendered(status, &page)
}
