use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::plan::{UnknownWord, words};
use crate::{Money, PlanId, PriceId, Timestamp};

/// An amount a plan is sold at. It never changes: another amount is another price, and who subscribed at this one
/// keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Price {
    /// Its id.
    pub id: PriceId,
    /// The plan it is a price of.
    pub plan_id: PlanId,
    /// What it says.
    #[serde(flatten)]
    pub terms: PriceTerms,
    /// Since when nobody new can subscribe at it.
    pub archived_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// How much, and how often. Displayed as `12.50 USD a month`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "UncheckedTerms")]
pub struct PriceTerms {
    amount: Money,
    interval: BillingInterval,
}

/// How often a price is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BillingInterval {
    /// Every month.
    Month,
    /// Every year.
    Year,
}

words!(BillingInterval, "`month` or `year`", Month => "month", Year => "year");

/// Nothing can be sold at this amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a price must be more than zero and have at most 12 digits; a plan that costs nothing needs no price"
)]
pub struct UnsellableAmount;

#[derive(Deserialize)]
struct UncheckedTerms {
    amount: Money,
    interval: BillingInterval,
}

impl TryFrom<UncheckedTerms> for PriceTerms {
    type Error = UnsellableAmount;

    fn try_from(unchecked: UncheckedTerms) -> Result<Self, UnsellableAmount> {
        Self::new(unchecked.amount, unchecked.interval)
    }
}

impl PriceTerms {
    /// Twelve digits: the most Stripe takes in any currency.
    pub const LARGEST_AMOUNT: i64 = 999_999_999_999;

    /// Terms of this amount.
    ///
    /// # Errors
    /// [`UnsellableAmount`].
    pub fn new(amount: Money, interval: BillingInterval) -> Result<Self, UnsellableAmount> {
        if (1..=Self::LARGEST_AMOUNT).contains(&amount.minor_units()) {
            Ok(Self { amount, interval })
        } else {
            Err(UnsellableAmount)
        }
    }

    /// How much.
    #[must_use]
    pub fn amount(self) -> Money {
        self.amount
    }

    /// How often.
    #[must_use]
    pub fn interval(self) -> BillingInterval {
        self.interval
    }

    /// Whether a subscriber would choose between the two: a plan has one price per currency and interval.
    #[must_use]
    pub fn stand_beside(self, other: Self) -> bool {
        self.amount.currency() != other.amount.currency() || self.interval != other.interval
    }
}

impl fmt::Display for PriceTerms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} a {}", self.amount, self.interval)
    }
}

impl Price {
    /// Whether somebody new can subscribe at it.
    #[must_use]
    pub fn is_offered(&self) -> bool {
        self.archived_at.is_none()
    }
}
