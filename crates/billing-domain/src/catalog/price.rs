use std::fmt;

use serde::{Deserialize, Serialize};

use super::plan::UnknownWord;
use crate::stored::stored;
use crate::{FromStored, Money, PlanId, PriceId, Timestamp, Unchargeable, wire_time};

/// An immutable amount of a plan. A new amount is a new price; subscribers keep the price they subscribed at.
///
/// Deserializes from stored JSON, without the rules for new input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Price {
    /// The price's id.
    pub id: PriceId,
    /// The plan.
    pub plan_id: PlanId,
    /// Amount and interval.
    #[serde(flatten, deserialize_with = "stored")]
    pub terms: PriceTerms,
    /// The end of the sale to new subscribers.
    #[serde(with = "wire_time::option")]
    pub archived_at: Option<Timestamp>,
    /// The moment of creation.
    #[serde(with = "wire_time")]
    pub created_at: Timestamp,
}

/// Amount and interval of a price. Displayed as `$12.50 / month`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PriceTerms {
    amount: Money,
    interval: BillingInterval,
}

/// The interval at which a price is charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BillingInterval {
    /// Every month.
    Month,
    /// Every year.
    Year,
}

words!(
    BillingInterval { Month => "month", Year => "year" },
    stored or UnknownWord { expected: "month or year" }
);

/// The amount cannot be put on sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnsellableAmount {
    /// The amount is zero or less.
    #[error("Enter an amount of more than 0. A plan that costs nothing needs no price.")]
    NotPositive,
    /// Stripe cannot charge the amount.
    #[error(transparent)]
    Unchargeable(#[from] Unchargeable),
}

impl UnsellableAmount {
    /// Whether another amount in the currency would be refused too.
    #[must_use]
    pub fn is_of_the_currency(self) -> bool {
        matches!(self, Self::Unchargeable(Unchargeable::Currency(_)))
    }
}

/// Stored amount and interval, without the rules for new input.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct StoredTerms {
    /// The amount.
    pub amount: Money,
    /// The interval.
    pub interval: BillingInterval,
}

impl FromStored for PriceTerms {
    type Kept = StoredTerms;

    fn from_stored(kept: StoredTerms) -> Option<Self> {
        Some(Self { amount: kept.amount, interval: kept.interval })
    }
}

impl PriceTerms {
    /// The maximum number of minor units in any currency (IDR). The maximum of most currencies is smaller.
    pub const LARGEST_AMOUNT: i64 = 999_999_999_999;

    /// Terms of this amount. [`check_sellable`](Self::check_sellable) is for the moment at which they are put on sale:
    /// a request that was answered before Stripe's rules were checked is replayed.
    ///
    /// # Errors
    /// [`UnsellableAmount::NotPositive`].
    pub fn new(amount: Money, interval: BillingInterval) -> Result<Self, UnsellableAmount> {
        let terms = Self { amount, interval };
        terms.check_positive().map(|()| terms)
    }

    /// Checks that Stripe can charge the amount. Stored terms may break the rule.
    ///
    /// # Errors
    /// [`UnsellableAmount`].
    pub fn check_sellable(self) -> Result<(), UnsellableAmount> {
        self.check_positive()?;
        self.amount.stripe_amount()?;
        Ok(())
    }

    fn check_positive(self) -> Result<(), UnsellableAmount> {
        if self.amount.minor_units() > 0 { Ok(()) } else { Err(UnsellableAmount::NotPositive) }
    }

    /// The amount per interval.
    #[must_use]
    pub fn amount(self) -> Money {
        self.amount
    }

    /// The interval.
    #[must_use]
    pub fn interval(self) -> BillingInterval {
        self.interval
    }

    /// Whether both prices can be offered at once: a plan has one price per currency and interval.
    #[must_use]
    pub fn stand_beside(self, other: Self) -> bool {
        self.amount.currency() != other.amount.currency() || self.interval != other.interval
    }
}

impl fmt::Display for PriceTerms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} / {}", self.amount, self.interval)
    }
}

impl Price {
    /// Whether new subscribers can choose the price.
    #[must_use]
    pub fn is_offered(&self) -> bool {
        self.archived_at.is_none()
    }

    /// The price archived at `now`; `None` if it is archived.
    #[must_use]
    pub fn archive(&self, now: Timestamp) -> Option<Self> {
        self.is_offered().then(|| Self { archived_at: Some(now), ..self.clone() })
    }
}
