//! Changes of a subscription's plan, interval and seats, with the money shown first.

use std::fmt;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::{
    GatewaySubscription, InvoiceLine, Money, PriceId, StripeId, StripeSubscriptionId, SubscriptionStatus,
    Timestamp, UnknownWord,
};

/// The moment of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeFrom {
    /// Now: the difference for the rest of the period is charged or credited.
    Now,
}

words!(
    ChangeFrom { Now => "now" },
    stored or UnknownWord { expected: "now" }
);

/// A subscription as it is at Stripe, as far as a change of its plan needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeableSubscription {
    /// The part that is mirrored.
    pub mirrored: GatewaySubscription,
    /// Its item; `None` if it has none or several.
    pub item: Option<StripeId>,
    /// The schedule that changes it later.
    pub schedule: Option<StripeId>,
    /// Whether its payment method is charged. Otherwise its invoices are sent.
    pub is_charged_automatically: bool,
    /// Whether the collection of its invoices is paused.
    pub is_collection_paused: bool,
}

/// The reason why a subscription's plan cannot be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotChangeable {
    /// The first payment is pending.
    #[error("Its first payment is pending. Change the plan once that is paid.")]
    Incomplete,
    /// A payment failed.
    #[error("Its last payment failed. Change the plan once that is paid, or cancel the subscription.")]
    Unpaid,
    /// The trial ended without a payment method, or the collection is paused.
    #[error("It is paused at Stripe. Change the plan once it goes on.")]
    Paused,
    /// It is to end.
    #[error("It is to end. Resume it first, then change its plan.")]
    Ending,
    /// A schedule changes it later.
    #[error("Stripe has a schedule for it. Release the schedule first, then change its plan.")]
    Scheduled,
    /// It has several items, or none.
    #[error("It has several items at Stripe. Change it in Stripe’s dashboard.")]
    SeveralItems,
    /// Its price is not one of the app's.
    #[error("Its price was made at Stripe. Change it in Stripe’s dashboard.")]
    ForeignPrice,
    /// Its invoices are sent, and not charged.
    #[error("Its invoices are sent and not charged. Change it in Stripe’s dashboard.")]
    Invoiced,
    /// It is in a trial without an end.
    #[error("Stripe does not say when its trial ends. Change it in Stripe’s dashboard.")]
    EndlessTrial,
    /// The status is not known.
    #[error("Stripe gives it a status that this version does not know.")]
    UnknownStatus,
}

impl ChangeableSubscription {
    /// The item to change.
    ///
    /// # Errors
    /// [`NotChangeable`]. An ended subscription is the caller's to refuse.
    pub fn item_to_change(&self) -> Result<&StripeId, NotChangeable> {
        match self.mirrored.status {
            SubscriptionStatus::Incomplete => return Err(NotChangeable::Incomplete),
            SubscriptionStatus::PastDue | SubscriptionStatus::Unpaid => return Err(NotChangeable::Unpaid),
            SubscriptionStatus::Paused => return Err(NotChangeable::Paused),
            SubscriptionStatus::Unrecognized(_)
            | SubscriptionStatus::Canceled
            | SubscriptionStatus::IncompleteExpired => return Err(NotChangeable::UnknownStatus),
            SubscriptionStatus::Trialing | SubscriptionStatus::Active => {}
        }
        if self.mirrored.times.cancel_at.is_some() {
            return Err(NotChangeable::Ending);
        }
        if self.schedule.is_some() {
            return Err(NotChangeable::Scheduled);
        }
        if self.is_collection_paused {
            return Err(NotChangeable::Paused);
        }
        if !self.is_charged_automatically {
            return Err(NotChangeable::Invoiced);
        }
        self.item.as_ref().ok_or(NotChangeable::SeveralItems)
    }

    /// Whether it is in a trial, in which nothing is billed.
    #[must_use]
    pub fn is_trialing(&self) -> bool {
        self.mirrored.status == SubscriptionStatus::Trialing
    }
}

/// A change of a subscription's item at Stripe, made now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemChange {
    /// The subscription.
    pub subscription: StripeSubscriptionId,
    /// Its item.
    pub item: StripeId,
    /// The new price; `None` to keep the present one.
    pub price: Option<StripeId>,
    /// The new number of seats.
    pub quantity: u32,
    /// The bill for it.
    pub billing: ChangeBilling,
}

/// The bill for a change that is made now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeBilling {
    /// None: the subscription is in a trial, which goes on.
    Nothing {
        /// The end of the trial. Stripe refuses the change after it, when it would no longer be free.
        trial_end: Timestamp,
    },
    /// An invoice for the difference.
    Invoiced {
        /// The moment from which unused time is credited and the rest of the period is charged; `None` for Stripe's
        /// present. With the moment of a preview the change costs what the preview says.
        as_of: Option<Timestamp>,
        /// Whether a new period begins, which a change of the interval needs.
        restarts: bool,
    },
}

/// The invoice for a change, as Stripe would make it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewedInvoice {
    /// The moment from which it is prorated; `None` if nothing is.
    pub as_of: Option<Timestamp>,
    /// The sum of the lines after discounts and taxes; negative for a credit.
    pub total: Money,
    /// The part that is charged, after the customer's balance.
    pub amount_due: Money,
    /// The lines, in Stripe's order.
    pub lines: Vec<InvoiceLine>,
    /// Whether Stripe has more lines than these.
    pub has_more_lines: bool,
}

/// What a person was shown before a change, and agrees to. Displayed and parsed as one opaque text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ShownChange {
    /// The moment at which it was shown.
    pub shown_at: Timestamp,
    /// The moment of proration in Stripe's time.
    pub as_of: Option<Timestamp>,
    /// The price after the change.
    pub price_id: PriceId,
    /// The number of seats after the change.
    pub quantity: u32,
    /// The total of the invoice in the currency's minor units.
    pub total: i64,
    /// The part of it that is charged.
    pub amount_due: i64,
}

/// The text is not that of a shown change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Send the proof of the latest preview as it is.")]
pub struct InvalidProof;

impl ShownChange {
    /// The time for which a preview holds.
    pub const HELD_FOR: TimeDelta = TimeDelta::minutes(15);
    /// The difference that is allowed for between the clocks of two replicas.
    const CLOCK_SKEW: TimeDelta = TimeDelta::minutes(1);

    /// The moment from which it has to be shown anew.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.shown_at + Self::HELD_FOR
    }

    /// Whether it can be confirmed at `now`.
    #[must_use]
    pub fn holds_at(&self, now: Timestamp) -> bool {
        let is_of_then = self.as_of.is_none_or(|as_of| (as_of - self.shown_at).abs() <= Self::HELD_FOR);
        is_of_then && self.shown_at <= now + Self::CLOCK_SKEW && now < self.expires_at()
    }

    /// Whether another preview shows the same change at the same cost.
    #[must_use]
    pub fn agrees_with(&self, other: &Self) -> bool {
        Self { shown_at: other.shown_at, ..*self } == *other
    }

    /// Parses the displayed form.
    ///
    /// # Errors
    /// [`InvalidProof`].
    pub fn parse(text: &str) -> Result<Self, InvalidProof> {
        let parts: Vec<&str> = text.split('.').collect();
        let [VERSION, shown_at, as_of, price_id, quantity, total, amount_due] = parts[..] else {
            return Err(InvalidProof);
        };
        let number = |text: &str| text.parse::<i64>().map_err(|_| InvalidProof);
        let moment = |text| Timestamp::from_timestamp(number(text)?, 0).ok_or(InvalidProof);
        Ok(Self {
            shown_at: moment(shown_at)?,
            as_of: if as_of.is_empty() { None } else { Some(moment(as_of)?) },
            price_id: PriceId::parse(price_id).map_err(|_| InvalidProof)?,
            quantity: quantity.parse().map_err(|_| InvalidProof)?,
            total: number(total)?,
            amount_due: number(amount_due)?,
        })
    }
}

/// The version of the text of a proof.
const VERSION: &str = "v1";

impl fmt::Display for ShownChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let as_of = self.as_of.map(|at| at.timestamp().to_string()).unwrap_or_default();
        let Self { shown_at, price_id, quantity, total, amount_due, .. } = self;
        write!(f, "{VERSION}.{}.{as_of}.{price_id}.{quantity}.{total}.{amount_due}", shown_at.timestamp())
    }
}

text_forms!(ShownChange, InvalidProof);

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_timestamp(seconds, 0).unwrap()
    }

    fn shown() -> ShownChange {
        ShownChange {
            shown_at: at(1_000_000),
            as_of: Some(at(999_500)),
            price_id: PriceId::from_uuid(7),
            quantity: 3,
            total: -1_450,
            amount_due: 0,
        }
    }

    #[test]
    fn a_shown_change_round_trips_through_its_text() {
        for change in [shown(), ShownChange { as_of: None, total: i64::MAX, ..shown() }] {
            assert_eq!(ShownChange::parse(&change.to_string()), Ok(change));
        }
        let text = shown().to_string();
        for other in ["", "v1", "v1.1.2.3", &text.replace("v1", "v2"), &format!("{text}.1")] {
            assert_eq!(ShownChange::parse(other), Err(InvalidProof), "{other}");
        }
    }

    #[test]
    fn a_preview_holds_for_fifteen_minutes() {
        let shown_at = shown().shown_at;
        for (after, holds) in [(0, true), (899, true), (900, false), (-30, true), (-61, false)] {
            assert_eq!(shown().holds_at(shown_at + TimeDelta::seconds(after)), holds, "{after}");
        }
        let of_another_moment = ShownChange { as_of: Some(at(999_000)), ..shown() };
        assert!(!of_another_moment.holds_at(shown_at));
    }

    #[test]
    fn a_preview_agrees_with_one_of_the_same_cost_only() {
        let later = ShownChange { shown_at: at(1_000_500), ..shown() };
        assert!(shown().agrees_with(&later));
        for other in [
            ShownChange { as_of: None, ..later },
            ShownChange { price_id: PriceId::from_uuid(8), ..later },
            ShownChange { quantity: 4, ..later },
            ShownChange { total: -1_451, ..later },
            ShownChange { amount_due: 1, ..later },
        ] {
            assert!(!shown().agrees_with(&other), "{other}");
        }
    }
}
