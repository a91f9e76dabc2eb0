//! When a subscription is to end.

use std::str::FromStr;

use serde::{Deserialize, Deserializer, de};

use super::{AnchorChange, Change, Subscription};
use crate::{
    clock::Timestamp,
    lifecycle::periods::next_end,
    resources::invoices::Period,
    store::Tx,
    wire::{ApiError, Moment, Patch},
};

/// A time, or the end of the period. All items have the same period here: the first of their ends and the last are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndAt {
    Time(Timestamp),
    PeriodEnd,
}

impl EndAt {
    pub fn time(self) -> Option<Timestamp> {
        match self {
            Self::Time(time) => Some(time),
            Self::PeriodEnd => None,
        }
    }

    pub fn of(self, period: Period) -> Timestamp {
        self.time().unwrap_or(period.end)
    }
}

impl FromStr for EndAt {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "min_period_end" | "max_period_end" => Ok(Self::PeriodEnd),
            _ => text.parse().map(Self::Time).map_err(|_| format!("Invalid integer: {text}")),
        }
    }
}

impl<'de> Deserialize<'de> for EndAt {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// Says when the subscription is to end by itself.
///
/// # Errors
///
/// Two ends, or one that is not ahead.
pub fn end_later(
    tx: &Tx<'_>,
    subscription: &mut Subscription,
    change: &mut Change,
    now: Timestamp,
) -> Result<(), ApiError> {
    let (at_period_end, at) = (change.cancel_at_period_end, std::mem::take(&mut change.cancel_at));
    if at_period_end == Some(true) && matches!(at, Patch::Set(_)) {
        let message = "Give `cancel_at_period_end` or `cancel_at`, not both.";
        return Err(ApiError::invalid(message).about("cancel_at").coded("parameters_exclusive"));
    }
    if at != Patch::Keep {
        subscription.end_proration = change.proration_behavior;
    }
    let period = coming_period(tx, subscription, change, now);
    let at = at.map(|at| at.of(period));
    if let Patch::Set(time) = at
        && time <= now
    {
        return Err(ApiError::invalid("`cancel_at` must be ahead.").about("cancel_at"));
    }
    if at_period_end == Some(false) {
        subscription.cancel_at = None;
    }
    subscription.cancel_at_period_end = at_period_end.unwrap_or(subscription.cancel_at_period_end);
    if at != Patch::Keep {
        subscription.cancel_at_period_end = false;
    }
    at.apply(&mut subscription.cancel_at);
    if subscription.cancels_at().is_some() {
        subscription.canceled_at.get_or_insert(now);
        subscription.cancellation.reason.get_or_insert_with(|| "cancellation_requested".to_owned());
    } else {
        subscription.canceled_at = None;
        subscription.cancellation.reason = None;
    }
    Ok(())
}

/// The period that the change leads to.
fn coming_period(tx: &Tx<'_>, subscription: &Subscription, change: &Change, now: Timestamp) -> Period {
    let starts_anew = subscription.is_billed() && change.billing_cycle_anchor == Some(AnchorChange::Now);
    match (change.trial_end, subscription.recurring(tx)) {
        (Some(Moment::At(end)), _) => Period { start: now, end },
        (Some(Moment::Now), Some(recurring)) => Period { start: now, end: next_end(now, recurring, now) },
        (None, Some(recurring)) if starts_anew => Period { start: now, end: next_end(now, recurring, now) },
        _ => subscription.period,
    }
}
