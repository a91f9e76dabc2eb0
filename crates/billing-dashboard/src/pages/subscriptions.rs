use actix_web::http::StatusCode;
use billing_application::Listed;
use billing_domain::ports::SubscriptionFilter;
use billing_domain::{Subscription, SubscriptionStatus};

use super::sales::{Offers, payer_kind};
use super::settings::is_test;
use crate::lists::{List, page_request};
use crate::present::moment;
use crate::views::{Choice, Milestone, Place, Status, SubscriptionRow, SubscriptionsPage};
use crate::web::{Reply, Visit, redirect, rendered};

/// The statuses to filter by.
const STATUSES: [&str; 8] =
    ["active", "trialing", "past_due", "incomplete", "unpaid", "paused", "canceled", "incomplete_expired"];

pub(crate) async fn show(visit: Visit) -> Reply {
    let app = visit.app().await?;
    let request = page_request(&visit)?;
    let layout = visit.app_layout(&app, Place::Billing)?;
    let path = format!("{}/subscriptions", layout.billing());
    let [status, plan, payer] =
        ["status", "plan", "payer"].map(|name| visit.of_query(name).unwrap_or_default().trim().to_owned());
    let is_status = status.is_empty() || STATUSES.contains(&status.as_str());
    let plan_id = plan.parse().ok();
    if !is_status || plan_id.is_none() && !plan.is_empty() {
        return Ok(redirect(&path));
    }
    let filter = SubscriptionFilter {
        status: (!status.is_empty()).then(|| SubscriptionStatus::from_stripe(&status)),
        plan_id,
        payer_id: (!payer.is_empty()).then(|| payer.clone()),
    };
    let app_id = app.id.clone();
    let Listed { switch, page: subscriptions } = visit
        .read(move |reads, session| async move {
            reads.subscriptions(&session.workspace_id, &app_id, &filter, &request).await
        })
        .await?;
    let ids = subscriptions.items.iter().filter_map(|subscription| subscription.state.plan_id);
    let offers = Offers::known(&visit, &app, ids).await?;
    let list = List { path: &path, views: &[], filters: &["status", "plan", "payer"], noun: "subscription" };
    let choice = |word| Choice::new(word, Status::subscription(&SubscriptionStatus::from_stripe(word)).label);
    let page = SubscriptionsPage {
        layout,
        is_test: is_test(switch),
        status,
        statuses: STATUSES.map(choice).into(),
        plan,
        plans: offers.choices(),
        payer,
        subscriptions: subscriptions.items.iter().map(|subscription| row(subscription, &offers)).collect(),
        foot: list.foot(&visit, &subscriptions),
    };
    rendered(StatusCode::OK, &page)
}

pub(super) fn row(subscription: &Subscription, offers: &Offers) -> SubscriptionRow {
    let state = &subscription.state;
    SubscriptionRow {
        id: subscription.id.to_string(),
        payer: subscription.payer.id().to_owned(),
        payer_kind: payer_kind(subscription.payer.kind()),
        status: Status::of_subscription(subscription),
        plan: offers.name(state.plan_id),
        price: offers.price(state.price_id, state.quantity),
        next: next(subscription),
    }
}

/// The moment to know about: the end, if one is set, or else the next charge.
fn next(subscription: &Subscription) -> Option<Milestone> {
    let times = &subscription.state.times;
    let (label, at) = match &subscription.state.status {
        _ if subscription.is_ending() => ("Ends", times.cancel_at),
        SubscriptionStatus::Active | SubscriptionStatus::PastDue => ("Renews", times.period_end),
        SubscriptionStatus::Trialing => ("First charge", times.trial_end),
        SubscriptionStatus::Canceled | SubscriptionStatus::IncompleteExpired => ("Ended", times.ended_at),
        SubscriptionStatus::Incomplete
        | SubscriptionStatus::Unpaid
        | SubscriptionStatus::Paused
        | SubscriptionStatus::Unrecognized(_) => ("Started", times.started_at),
    };
    at.map(|at| Milestone { label, at: moment(at) })
}
