use crate::{PlanId, Subscription, SubscriptionStatus, Timestamp};

/// The reason for the access that a payer has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AccessReason {
    /// A subscription that is paid.
    Subscription,
    /// A trial.
    Trial,
    /// A subscription that is past due, for the days of grace.
    Grace,
    /// No subscription gives access; the default plan does.
    DefaultPlan,
    /// Nothing gives access.
    NoPlan,
}

words!(AccessReason {
    Subscription => "subscription",
    Trial => "trial",
    Grace => "grace",
    DefaultPlan => "default_plan",
    NoPlan => "no_plan",
});

/// The access that a subscription gives (contract, section 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Access {
    /// Why.
    pub reason: AccessReason,
    /// The plan whose features it gives; `None` for a price that is not ours, which gives none.
    pub plan_id: Option<PlanId>,
    /// The end of it, if one is set: that of the subscription, or that of the grace.
    pub until: Option<Timestamp>,
}

impl Access {
    /// The access that the subscription gives at `now`, if any: a trial and a paid one do, and one that is past due until
    /// the [end of its grace](Subscription::grace_end). Without a known end there is no grace.
    #[must_use]
    pub fn of(subscription: &Subscription, grace_end: Option<Timestamp>, now: Timestamp) -> Option<Self> {
        let state = &subscription.state;
        let end = state.times.cancel_at;
        let (reason, until) = match state.status {
            SubscriptionStatus::Active => (AccessReason::Subscription, end),
            SubscriptionStatus::Trialing => (AccessReason::Trial, end),
            SubscriptionStatus::PastDue => {
                let grace_end = grace_end.filter(|grace_end| now < *grace_end)?;
                (AccessReason::Grace, Some(end.map_or(grace_end, |end| end.min(grace_end))))
            }
            _ => return None,
        };
        Some(Self { reason, plan_id: state.plan_id, until })
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use serde_json::json;

    use super::*;

    const NOW: &str = "2026-12-01T08:00:00.000Z";

    fn subscription(status: &str, cancel_at: Option<&str>) -> Subscription {
        serde_json::from_value(json!({
            "id": "sub_01ja8fwz4kf7nbt6v6m0kx9p3d", "workspaceId": "ws_1", "appId": "app_1",
            "environmentId": "env_1", "payer": { "kind": "user", "id": "u1" }, "gatewayAccountId": "acct_1",
            "stripeId": "sub_1", "customer": "cus_1", "intentId": null, "status": status,
            "planId": "plan_01ja8fwz4kf7nbt6v6m0kx9p3d", "priceId": null, "quantity": 1, "startedAt": null,
            "periodStart": null, "periodEnd": null, "trialEnd": null, "cancelAt": cancel_at, "canceledAt": null,
            "endedAt": null, "syncedAt": NOW,
        }))
        .unwrap()
    }

    #[test]
    fn access_follows_the_status() {
        let now: Timestamp = NOW.parse().unwrap();
        let reason = |status: &str, days: i64| {
            let grace_end = now + TimeDelta::days(days);
            Access::of(&subscription(status, None), Some(grace_end), now).map(|access| access.reason)
        };
        assert_eq!(reason("active", -1), Some(AccessReason::Subscription));
        assert_eq!(reason("trialing", -1), Some(AccessReason::Trial));
        assert_eq!((reason("past_due", 1), reason("past_due", 0)), (Some(AccessReason::Grace), None));
        assert_eq!(Access::of(&subscription("past_due", None), None, now), None);
        for status in ["incomplete", "incomplete_expired", "unpaid", "paused", "canceled", "of_tomorrow"] {
            assert_eq!(reason(status, 1), None, "{status}");
        }
    }

    #[test]
    fn access_ends_with_the_subscription_or_with_its_grace() {
        let now: Timestamp = NOW.parse().unwrap();
        let end = "2026-12-05T08:00:00.000Z";
        let until = |status: &str, cancel_at: Option<&str>, days| {
            let grace_end = now + TimeDelta::days(days);
            Access::of(&subscription(status, cancel_at), Some(grace_end), now).and_then(|access| access.until)
        };
        assert_eq!(until("active", None, 1), None);
        assert_eq!(until("active", Some(end), 1), Some(end.parse().unwrap()));
        assert_eq!(until("past_due", None, 2), Some(now + TimeDelta::days(2)));
        assert_eq!(until("past_due", Some(end), 9), Some(end.parse().unwrap()));
        assert_eq!(until("past_due", Some(end), 2), Some(now + TimeDelta::days(2)));
    }
}
