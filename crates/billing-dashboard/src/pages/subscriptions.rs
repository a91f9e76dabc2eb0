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
    let ids = subscriptions.items.iter().filter_map(|subscription| subscription.state.plan_id).chain(plan_id);
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
pub(super) fn next(subscription: &Subscription) -> Option<Milestone> {
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(status: &str, cancel_at: Option<&str>) -> String {
        let subscription: Subscription = serde_json::from_value(json!({
            "id": "sub_01ja8fwz4kf7nbt6v6m0kx9p3d", "workspaceId": "ws_1", "appId": "app_1",
            "environmentId": "env_1", "payer": { "kind": "user", "id": "u1" }, "gatewayAccountId": "acct_1",
            "stripeId": "sub_1", "customer": "cus_1", "intentId": null, "status": status, "planId": null,
            "priceId": null, "quantity": 1, "startedAt": "2026-01-01T08:00:00.000Z",
            "periodStart": "2026-11-28T08:00:00.000Z", "periodEnd": "2026-12-28T08:00:00.000Z",
            "trialEnd": "2026-12-10T08:00:00.000Z", "cancelAt": cancel_at, "canceledAt": null,
            "endedAt": "2026-12-01T08:00:00.000Z", "syncedAt": "2026-11-29T12:04:00.000Z",
        }))
        .unwrap();
        let next = next(&subscription).unwrap();
        format!("{}: {} {}", Status::of_subscription(&subscription).label, next.label, next.at.date)
    }

    #[test]
    fn a_subscription_is_told_with_its_end_or_its_next_charge() {
        let end = Some("2026-12-14T08:00:00.000Z");
        assert_eq!(told("active", None), "Active: Renews 28 Dec 2026");
        assert_eq!(told("active", end), "Ending: Ends 14 Dec 2026");
        assert_eq!(told("trialing", None), "Trialing: First charge 10 Dec 2026");
        assert_eq!(told("trialing", end), "Ending: Ends 14 Dec 2026");
        assert_eq!(told("past_due", end), "Past due: Ends 14 Dec 2026");
        assert_eq!(told("canceled", end), "Canceled: Ended 1 Dec 2026");
        assert_eq!(told("unpaid", None), "Unpaid: Started 1 Jan 2026");
    }
}
