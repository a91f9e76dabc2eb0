use actix_web::http::StatusCode;
use billing_application::EndCheckoutLink;
use billing_domain::{App, CheckoutIntent, CheckoutIntentId, CheckoutIntentState, StripeId};

use super::sales::{Offers, environment, payer_kind};
use crate::present::{days, moment};
use crate::views::{
    CheckoutLinkFacts, CheckoutLinkPage, ConfirmPage, Confirmation, FormState, Place, Status, StripeObject,
};
use crate::web::{Failure, Flash, Reply, Submission, Visit, redirect, rendered};

pub(crate) async fn show(visit: Visit) -> Reply {
    let app = visit.app().await?;
    let intent = intent(&visit, &app).await?;
    let offers = Offers::of(&visit, &app, [intent.sale.plan_id]).await?;
    let page = CheckoutLinkPage {
        layout: visit.app_layout(&app, Place::Billing)?,
        path: path(&app, intent.id),
        link: facts(&app, &intent, &offers),
    };
    rendered(StatusCode::OK, &page)
}

pub(crate) async fn show_end(visit: Visit) -> Reply {
    let app = visit.app().await?;
    let intent = intent(&visit, &app).await?;
    if !is_endable(&intent) {
        return Ok(redirect(&path(&app, intent.id)));
    }
    ask(&visit, StatusCode::OK, &app, &intent, visit.confirming())
}

pub(crate) async fn take_end(submission: Submission) -> Reply {
    let administrator = submission.administrator()?;
    let visit = &submission.visit;
    let app = visit.app().await?;
    let intent = intent(visit, &app).await?;
    let request = EndCheckoutLink { app_id: app.id.clone(), id: intent.id };
    let ended = visit
        .call(administrator, |executor, by| async move { executor.end_checkout_link(&by, &request).await });
    match ended.await? {
        Ok(()) => visit.done(Flash::CheckoutLinkEnded, &path(&app, intent.id)),
        Err(refused) => {
            let (status, form) = submission.refused(refused)?;
            ask(visit, status, &app, &intent, form)
        }
    }
}

pub(super) fn path(app: &App, id: CheckoutIntentId) -> String {
    format!("/app/{}/billing/checkout-links/{id}", app.id)
}

/// The intent of the path.
async fn intent(visit: &Visit, app: &App) -> Result<CheckoutIntent, Failure> {
    let (app_id, id): (_, CheckoutIntentId) = (app.id.clone(), visit.of_path("checkout_link_id")?);
    visit
        .read(move |reads, session| async move {
            reads.checkout_intent(&session.workspace_id, &app_id, id).await
        })
        .await
}

fn is_endable(intent: &CheckoutIntent) -> bool {
    matches!(intent.state, CheckoutIntentState::Unresolved | CheckoutIntentState::Open)
}

fn ask(visit: &Visit, status: StatusCode, app: &App, intent: &CheckoutIntent, form: FormState) -> Reply {
    let back = path(app, intent.id);
    let asked = Confirmation {
        question: format!("End the checkout link of {}?", intent.payer.id()),
        consequences: "It can no longer be paid. You can create another one.".to_owned(),
        button: "End link",
        leave: "Cancel",
        action: format!("{back}/end"),
        back,
        back_label: "Checkout link".to_owned(),
    };
    let layout = visit.app_layout(app, Place::Billing)?;
    rendered(status, &ConfirmPage { layout, asked, form, refusal: None })
}

fn facts(app: &App, intent: &CheckoutIntent, offers: &Offers) -> CheckoutLinkFacts {
    let (sale, session) = (&intent.sale, intent.session.as_ref());
    let is_open = intent.state == CheckoutIntentState::Open;
    CheckoutLinkFacts {
        id: intent.id.to_string(),
        status: Status::checkout(intent.state),
        address: session.filter(|_| is_open).map(|session| session.url.clone()),
        expires: moment(intent.expires_at),
        payer: intent.payer.id().to_owned(),
        payer_kind: payer_kind(intent.payer.kind()),
        plan: offers.name(Some(sale.plan_id)),
        plan_path: super::plan::path(app, sale.plan_id),
        price: offers.price(Some(sale.price_id), sale.quantity),
        trial: days(sale.trial_days),
        environment: environment(app, &intent.environment_id),
        created: moment(intent.created_at),
        stripe: session.map(|session| at_stripe(intent, &session.id)),
        is_endable: is_endable(intent),
    }
}

/// The session at Stripe, which has no page in Stripe's dashboard.
fn at_stripe(intent: &CheckoutIntent, session: &StripeId) -> StripeObject {
    StripeObject { id: session.to_string(), account: intent.account.to_string(), address: None }
}
