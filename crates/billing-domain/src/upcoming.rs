use chrono::TimeDelta;

use crate::{Invoice, InvoiceId, InvoiceStatus, Money, Subscription, SubscriptionStatus, Timestamp};

/// Something that is to happen to a subscription, as far as its mirror tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Upcoming {
    /// What.
    pub kind: UpcomingKind,
    /// The moment.
    pub at: Timestamp,
    /// The amount that is to be charged, before discounts and taxes. `None` if nothing is charged, or at a price that is not
    /// ours.
    pub amount: Option<Money>,
    /// The invoice that is to be paid.
    pub invoice_id: Option<InvoiceId>,
}

/// The kinds of what is to happen to a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UpcomingKind {
    /// The trial ends, and the first period is charged.
    TrialEnd,
    /// The next period begins, and is charged.
    Renewal,
    /// Stripe tries again to charge for an invoice.
    PaymentAttempt,
    /// The time ends for which access is kept although the subscription is past due.
    GraceEnd,
    /// It ends.
    End,
}

words!(UpcomingKind {
    TrialEnd => "trial_end",
    Renewal => "renewal",
    PaymentAttempt => "payment_attempt",
    GraceEnd => "grace_end",
    End => "end",
});

/// The days for which a subscription that is past due keeps its access (contract, section 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GraceDays(u32);

impl GraceDays {
    /// The most days.
    pub const MOST: u32 = 365;

    /// So many days; `None` for more than [`MOST`](Self::MOST).
    #[must_use]
    pub fn new(days: u32) -> Option<Self> {
        (days <= Self::MOST).then_some(Self(days))
    }

    /// The end of the grace of what is past due since this moment.
    #[must_use]
    pub fn end_after(self, since: Timestamp) -> Timestamp {
        since + TimeDelta::days(self.0.into())
    }
}

/// Seven days.
impl Default for GraceDays {
    fn default() -> Self {
        Self(7)
    }
}

impl Subscription {
    /// The moment since which it is not paid: that of its oldest unpaid invoice, or else the start of its period. Of one
    /// that is paused, the end of its trial. `None` unless it is past due, unpaid, incomplete or paused.
    #[must_use]
    pub fn unpaid_since(&self, invoices: &[Invoice]) -> Option<Timestamp> {
        let times = &self.state.times;
        let began = times.period_start.or(times.started_at);
        match self.state.status {
            SubscriptionStatus::PastDue | SubscriptionStatus::Unpaid | SubscriptionStatus::Incomplete => {
                let oldest = self.unpaid(invoices).map(|invoice| invoice.details.created_at).min();
                oldest.or(began)
            }
            SubscriptionStatus::Paused => times.trial_end.or(began),
            _ => None,
        }
    }

    /// The end of its grace, if it is past due.
    #[must_use]
    pub fn grace_end(&self, invoices: &[Invoice], grace: GraceDays) -> Option<Timestamp> {
        let is_past_due = self.state.status == SubscriptionStatus::PastDue;
        self.unpaid_since(invoices).filter(|_| is_past_due).map(|since| grace.end_after(since))
    }

    /// Its final and unpaid invoices among these.
    pub fn unpaid<'a>(&self, invoices: &'a [Invoice]) -> impl Iterator<Item = &'a Invoice> + use<'a> {
        let id = self.id;
        let is_unpaid = move |invoice: &&Invoice| {
            invoice.subscription_id == Some(id) && invoice.details.status == InvoiceStatus::Open
        };
        invoices.iter().filter(is_unpaid)
    }

    /// What is to happen to it, the soonest first. `charge` is the amount of a period at its price, and `invoices` has its
    /// unpaid ones.
    #[must_use]
    pub fn upcoming(&self, charge: Option<Money>, invoices: &[Invoice], grace: GraceDays) -> Vec<Upcoming> {
        if !self.is_live() {
            return Vec::new();
        }
        let times = &self.state.times;
        let event = |kind, at: Option<Timestamp>, amount| {
            at.map(|at| Upcoming { kind, at, amount, invoice_id: None })
        };
        let charged = |kind, at: Option<Timestamp>| {
            event(kind, at, charge).filter(|it| times.cancel_at.is_none_or(|end| it.at < end))
        };
        let next = match self.state.status {
            SubscriptionStatus::Trialing => charged(UpcomingKind::TrialEnd, times.trial_end),
            SubscriptionStatus::Active | SubscriptionStatus::PastDue => {
                charged(UpcomingKind::Renewal, times.period_end)
            }
            _ => None,
        };
        let attempts = self.unpaid(invoices).filter_map(|invoice| {
            Some(Upcoming {
                kind: UpcomingKind::PaymentAttempt,
                at: invoice.details.next_attempt_at?,
                amount: invoice.details.left(),
                invoice_id: Some(invoice.id),
            })
        });
        let mut upcoming: Vec<_> = attempts
            .chain(event(UpcomingKind::GraceEnd, self.grace_end(invoices, grace), None))
            .chain(next)
            .chain(event(UpcomingKind::End, times.cancel_at, None))
            .collect();
        upcoming.sort_by_key(|it| it.at);
        upcoming
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Currency;

    fn at(day: u32) -> Timestamp {
        format!("2026-12-{day:02}T08:00:00Z").parse().unwrap()
    }

    fn usd(minor_units: i64) -> Money {
        Money::new(minor_units, Currency::parse("USD").unwrap())
    }

    fn subscription(status: &str, cancel_at: Option<Timestamp>) -> Subscription {
        serde_json::from_value(json!({
            "id": "sub_01ja8fwz4kf7nbt6v6m0kx9p3d", "workspaceId": "ws_1", "appId": "app_1",
            "environmentId": "env_1", "payer": { "kind": "user", "id": "u1" }, "gatewayAccountId": "acct_1",
            "stripeId": "sub_1", "customer": "cus_1", "intentId": null, "status": status, "planId": null,
            "priceId": null, "quantity": 1, "startedAt": at(1), "periodStart": at(2), "periodEnd": at(28),
            "trialEnd": at(20), "cancelAt": cancel_at, "canceledAt": null, "endedAt": null, "syncedAt": at(2),
        }))
        .unwrap()
    }

    fn invoice(status: &str, created_at: Timestamp, next_attempt_at: Option<Timestamp>) -> Invoice {
        serde_json::from_value(json!({
            "id": "inv_01ja8fwz4kf7nbt6v6m0kx9p3d", "workspaceId": "ws_1", "appId": "app_1",
            "environmentId": "env_1", "payer": { "kind": "user", "id": "u1" }, "gatewayAccountId": "acct_1",
            "stripeId": "in_1", "subscriptionId": "sub_01ja8fwz4kf7nbt6v6m0kx9p3d", "status": status,
            "number": null, "total": usd(1_250), "amountPaid": usd(250), "amountDue": usd(1_250),
            "createdAt": created_at, "paidAt": null, "dueAt": null, "hostedUrl": null, "pdfUrl": null,
            "lines": [], "hasMoreLines": false, "nextAttemptAt": next_attempt_at, "syncedAt": at(2),
        }))
        .unwrap()
    }

    fn told(
        subscription: &Subscription,
        invoices: &[Invoice],
    ) -> Vec<(UpcomingKind, Timestamp, Option<Money>)> {
        let upcoming = subscription.upcoming(Some(usd(900)), invoices, GraceDays::default());
        upcoming.into_iter().map(|it| (it.kind, it.at, it.amount)).collect()
    }

    #[test]
    fn a_subscription_renews_itself_unless_it_ends_before() {
        use UpcomingKind::{End, Renewal, TrialEnd};
        let charge = Some(usd(900));
        assert_eq!(told(&subscription("active", None), &[]), [(Renewal, at(28), charge)]);
        assert_eq!(told(&subscription("trialing", None), &[]), [(TrialEnd, at(20), charge)]);
        assert_eq!(told(&subscription("active", Some(at(28))), &[]), [(End, at(28), None)]);
        assert_eq!(told(&subscription("trialing", Some(at(20))), &[]), [(End, at(20), None)]);
        let later = told(&subscription("trialing", Some(at(25))), &[]);
        assert_eq!(later, [(TrialEnd, at(20), charge), (End, at(25), None)]);
        assert_eq!(told(&subscription("canceled", None), &[]), []);
        assert_eq!(told(&subscription("paused", None), &[]), []);
    }

    #[test]
    fn what_is_past_due_is_tried_again_and_keeps_its_access_for_the_days_of_grace() {
        use UpcomingKind::{GraceEnd, PaymentAttempt, Renewal};
        let invoices = [invoice("paid", at(1), None), invoice("open", at(3), Some(at(6)))];
        let past_due = subscription("past_due", None);
        assert_eq!(past_due.unpaid_since(&invoices), Some(at(3)));
        assert_eq!(
            told(&past_due, &invoices),
            [
                (PaymentAttempt, at(6), Some(usd(1_000))),
                (GraceEnd, at(10), None),
                (Renewal, at(28), Some(usd(900))),
            ]
        );
        assert_eq!(past_due.unpaid_since(&[]), Some(at(2)), "its invoice is not mirrored yet");
        let unpaid = subscription("unpaid", None);
        assert_eq!(
            (unpaid.unpaid_since(&invoices), unpaid.grace_end(&invoices, GraceDays(7))),
            (Some(at(3)), None)
        );
        assert_eq!(subscription("paused", None).unpaid_since(&[]), Some(at(20)));
        assert_eq!(subscription("active", None).unpaid_since(&invoices), None);
    }

    #[test]
    fn a_grace_is_a_year_at_most() {
        assert_eq!(GraceDays::new(7), Some(GraceDays::default()));
        assert!(GraceDays::new(365).is_some() && GraceDays::new(366).is_none());
    }
}
