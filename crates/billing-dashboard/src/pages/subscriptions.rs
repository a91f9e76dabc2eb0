use actix_web::http::StatusCode;
use billing_application::Listed;
use billing_domain::ports::{SubscriptionCounts, SubscriptionFilter};
use billing_domain::{Subscription, SubscriptionStatus};

use super::payer;
use super::sale_filters::{SaleFilters, Segments, environments, typed};
use super::sales::{Offers, payer_kind};
use super::settings::is_test;
use crate::lists::{List, page_request};
use crate::present::moment;
use crate::views::{Milestone, Place, Segment, Status, SubscriptionRow, SubscriptionsPage};
use crate::web::{Reply, Visit, redirect, rendered};

/// The word of the address for subscriptions that are live and to end.
const ENDING: &str = "ending";

pub(crate) async fn show(visit: Visit) -> Reply {
    let app = visit.app().await?;
    let request = page_request(&visit)?;
    let layout = visit.app_layout(&app, Place::Billing)?;
    let path = format!("{}/subscriptions", layout.billing());
    let filters = SaleFilters::of(&visit);
    let plan = typed(&visit, "plan");
    let Some(filter) = filter(&filters, &plan) else { return Ok(redirect(&path)) };
    let plan_id = filter.plan_id;
    let is_counted = filter.is_counted();
    let (app_id, asked) = (app.id.clone(), filter.clone());
    let Listed { switch, page: subscriptions } = visit
        .read(move |reads, session| async move {
            reads.subscriptions(&session.workspace_id, &app_id, &asked, &request).await
        })
        .await?;
    let app_id = app.id.clone();
    let counts = visit
        .read(move |reads, session| async move {
            let environment = filter.environment_id.as_ref();
            reads.subscription_counts(&session.workspace_id, &app_id, environment).await
        })
        .await?;
    let ids = subscriptions.items.iter().filter_map(|subscription| subscription.state.plan_id).chain(plan_id);
    let offers = Offers::known(&visit, &app, ids).await?;
    let names = filters.names("plan");
    let list = List { path: &path, views: &[], filters: &names, noun: "subscription" };
    let segments = Segments { list: &list, visit: &visit, chosen: &filters.status, is_counted };
    let page = SubscriptionsPage {
        layout,
        is_test: is_test(switch),
        segments: statuses(&segments, &counts),
        status: filters.status,
        plan,
        plans: offers.choices(),
        environment: filters.environment,
        environments: environments(&app),
        payer: filters.payer,
        payer_id: filters.payer_id,
        payer_kind: filters.payer_kind,
        subscriptions: subscriptions.items.iter().map(|subscription| row(subscription, &offers)).collect(),
        export: list.export(&visit),
        foot: list.foot(&visit, &subscriptions),
    };
    rendered(StatusCode::OK, &page)
}

/// The filter that the address asks for; `None` if it cannot be one.
pub(super) fn filter(filters: &SaleFilters, plan: &str) -> Option<SubscriptionFilter> {
    let status = match filters.status.as_str() {
        "" | ENDING => None,
        word => Some(SubscriptionStatus::from_stripe(word)),
    };
    if matches!(status, Some(SubscriptionStatus::Unrecognized(_))) {
        return None;
    }
    Some(SubscriptionFilter {
        status,
        is_ending: filters.status == ENDING,
        plan_id: if plan.is_empty() { None } else { Some(plan.parse().ok()?) },
        environment_id: filters.environment_id().ok()?,
        payer: filters.payers().ok()?,
    })
}

fn statuses(segments: &Segments<'_>, counts: &SubscriptionCounts) -> Vec<Segment> {
    let number = |status| counts.of(Some(&status), false);
    let label = |status| Status::subscription(&status).label;
    let always = |status: SubscriptionStatus| {
        segments.of(status.as_str(), label(status.clone()), number(status.clone()))
    };
    let some = |status: SubscriptionStatus| {
        segments.of_some(status.as_str(), label(status.clone()), number(status.clone()))
    };
    let mut all = vec![
        segments.of("", "All", counts.of(None, false)),
        always(SubscriptionStatus::Active),
        always(SubscriptionStatus::Trialing),
        always(SubscriptionStatus::PastDue),
        segments.of(ENDING, "Ending", counts.of(None, true)),
    ];
    all.extend(
        [SubscriptionStatus::Incomplete, SubscriptionStatus::Unpaid, SubscriptionStatus::Paused]
            .into_iter()
            .filter_map(some),
    );
    all.push(always(SubscriptionStatus::Canceled));
    all.extend(some(SubscriptionStatus::IncompleteExpired));
    all
}

pub(super) fn row(subscription: &Subscription, offers: &Offers) -> SubscriptionRow {
    let state = &subscription.state;
    SubscriptionRow {
        id: subscription.id.to_string(),
        payer: subscription.payer.id().to_owned(),
        payer_kind: payer_kind(subscription.payer.kind()),
        payer_path: payer::path(&subscription.app_id, &subscription.payer),
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
