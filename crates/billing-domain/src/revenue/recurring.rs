use serde::{Deserialize, Serialize};

use crate::stored::stored;
use crate::{Currency, Money, Timestamp, wire_time};

/// What Stripe charges for a subscription, period by period.
///
/// Deserializes from stored JSON, without the rules for new input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Recurring {
    /// The currency of the subscription.
    #[serde(deserialize_with = "stored")]
    pub currency: Currency,
    /// The charge of each item. What is metered has none.
    pub charges: Vec<RecurringCharge>,
    /// The discounts of the whole subscription, in the order in which Stripe takes them off.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub discounts: Vec<RecurringDiscount>,
}

/// The charge of one item of a subscription for each of its periods.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RecurringCharge {
    /// The unit amount times the quantity, in minor units.
    pub minor_units: i64,
    /// The unit of the period.
    pub interval: RecurringInterval,
    /// The number of those units in a period.
    pub interval_count: u32,
}

/// The unit of a billing period at Stripe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecurringInterval {
    /// A day.
    Day,
    /// A week.
    Week,
    /// A month.
    Month,
    /// A year.
    Year,
}

words!(RecurringInterval { Day => "day", Week => "week", Month => "month", Year => "year" }, stored);

/// A discount that recurs: of a coupon that holds forever or for some months.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RecurringDiscount {
    /// The part that it takes off.
    pub off: DiscountOff,
    /// The moment from which it applies.
    #[serde(with = "wire_time::option")]
    pub starts_at: Option<Timestamp>,
    /// The moment from which it applies no longer; `None` if it holds forever.
    #[serde(with = "wire_time::option")]
    pub ends_at: Option<Timestamp>,
}

/// The part of an amount that a discount takes off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiscountOff {
    /// Millionths of the amount: 125,000 are 12.5 %.
    Millionths(u32),
    /// Minor units.
    MinorUnits(i64),
}

const MILLION: i128 = 1_000_000;

impl RecurringInterval {
    /// The periods of this length in a year. A year has 365 days and 52 weeks.
    fn times_a_year(self) -> i128 {
        match self {
            Self::Day => 365,
            Self::Week => 52,
            Self::Month => 12,
            Self::Year => 1,
        }
    }
}

impl Recurring {
    /// The revenue of a month at a moment, in twelfths of a minor unit, discounts taken off: what a year of charges comes
    /// to. Exact for every period of which a year has a whole number; otherwise rounded to the nearest twelfth.
    #[must_use]
    pub fn twelfths_at(&self, moment: Timestamp) -> i64 {
        let step = self.currency.charge_step();
        // Charges of one period are on one invoice, from which an amount is taken off once.
        let mut invoices: Vec<(RecurringInterval, u32, i64)> = Vec::new();
        for charge in &self.charges {
            let RecurringCharge { minor_units, interval, interval_count } = *charge;
            match invoices.iter_mut().find(|(of, count, _)| (*of, *count) == (interval, interval_count)) {
                Some((_, _, sum)) => *sum = sum.saturating_add(minor_units),
                None => invoices.push((interval, interval_count, minor_units)),
            }
        }
        let twelfths = invoices.into_iter().map(|(interval, count, sum)| {
            let left = discounted(sum, &self.discounts, moment, step);
            rounded(i128::from(left) * interval.times_a_year(), i128::from(count.max(1)))
        });
        i64::try_from(twelfths.sum::<i128>()).unwrap_or(i64::MAX)
    }

    /// The amount of a period before discounts, if all charges have the same period: what a list shows.
    #[must_use]
    pub fn price(&self) -> Option<(Money, RecurringInterval, u32)> {
        let first = self.charges.first()?;
        let period = (first.interval, first.interval_count);
        let is_one = self.charges.iter().all(|charge| (charge.interval, charge.interval_count) == period);
        let sum = self.charges.iter().try_fold(0_i64, |sum, charge| sum.checked_add(charge.minor_units))?;
        is_one.then_some((Money::new(sum, self.currency), period.0, period.1))
    }

    /// The moments at which a discount begins or ends.
    pub(super) fn boundaries(&self) -> impl Iterator<Item = Timestamp> {
        self.discounts.iter().flat_map(|discount| [discount.starts_at, discount.ends_at]).flatten()
    }
}

impl RecurringDiscount {
    fn applies_at(&self, moment: Timestamp) -> bool {
        self.starts_at.is_none_or(|start| start <= moment) && self.ends_at.is_none_or(|end| moment < end)
    }
}

/// What discounts leave of an amount: each takes its part off what the one before it left, to the nearest amount that can
/// be charged.
fn discounted(amount: i64, discounts: &[RecurringDiscount], moment: Timestamp, step: i64) -> i64 {
    discounts.iter().filter(|discount| discount.applies_at(moment)).fold(amount, |left, discount| {
        let off = match discount.off {
            DiscountOff::Millionths(part) => {
                let step = i128::from(step);
                let steps = rounded(i128::from(left) * i128::from(part), MILLION * step);
                i64::try_from(steps * step).unwrap_or(left)
            }
            DiscountOff::MinorUnits(off) => off,
        };
        left - off.clamp(0, left.max(0))
    })
}

/// The quotient to the nearest whole number, halves away from zero.
pub(super) fn rounded(dividend: i128, divisor: i128) -> i128 {
    let half = if dividend < 0 { -divisor / 2 } else { divisor / 2 };
    (dividend + half) / divisor
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Currency;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_timestamp(seconds, 0).unwrap()
    }

    fn charge(minor_units: i64, interval: RecurringInterval, interval_count: u32) -> RecurringCharge {
        RecurringCharge { minor_units, interval, interval_count }
    }

    fn recurring(currency: &str, charges: Vec<RecurringCharge>) -> Recurring {
        Recurring { currency: Currency::parse(currency).unwrap(), charges, discounts: Vec::new() }
    }

    fn off(off: DiscountOff) -> RecurringDiscount {
        RecurringDiscount { off, starts_at: None, ends_at: None }
    }

    #[test]
    fn a_price_is_brought_to_a_month() {
        use RecurringInterval::{Day, Month, Week, Year};
        for (interval, count, twelfths) in [
            (Month, 1, 1_200),
            (Year, 1, 100),
            (Month, 3, 400),
            (Year, 2, 50),
            (Week, 1, 5_200),
            (Day, 1, 36_500),
            // 240 and 33.3 twelfths.
            (Month, 5, 240),
            (Year, 3, 33),
        ] {
            let price = recurring("USD", vec![charge(100, interval, count)]);
            assert_eq!(price.twelfths_at(at(0)), twelfths, "{interval} × {count}");
        }
    }

    #[test]
    fn discounts_are_taken_off_one_after_another_while_they_apply() {
        let mut price = recurring("USD", vec![charge(1_001, RecurringInterval::Month, 1)]);
        price.discounts = vec![off(DiscountOff::Millionths(500_000)), off(DiscountOff::MinorUnits(100))];
        // 500.5 is 501 off: 500 are left, then 400.
        assert_eq!(price.twelfths_at(at(0)), 400 * 12);
        price.discounts[0].starts_at = Some(at(10));
        price.discounts[0].ends_at = Some(at(20));
        for (moment, left) in [(9, 901), (10, 400), (19, 400), (20, 901)] {
            assert_eq!(price.twelfths_at(at(moment)), left * 12, "{moment}");
        }
        price.discounts = vec![off(DiscountOff::MinorUnits(5_000))];
        assert_eq!(price.twelfths_at(at(0)), 0, "never below nothing");
    }

    #[test]
    fn an_amount_is_taken_off_each_invoice_once() {
        let month = RecurringInterval::Month;
        let mut price = recurring("USD", vec![charge(1_000, month, 1), charge(500, month, 1)]);
        price.discounts = vec![off(DiscountOff::MinorUnits(300))];
        assert_eq!(price.twelfths_at(at(0)), 1_200 * 12);
        assert_eq!(price.price(), Some((Money::new(1_500, price.currency), month, 1)));
        price.charges.push(charge(1, RecurringInterval::Year, 1));
        assert_eq!(price.price(), None);
    }

    #[test]
    fn a_percentage_of_three_decimals_is_rounded_to_what_can_be_charged() {
        let mut price = recurring("KWD", vec![charge(10_010, RecurringInterval::Month, 1)]);
        price.discounts = vec![off(DiscountOff::Millionths(333_333))];
        // 3,336.66 is 3,340 off.
        assert_eq!(price.twelfths_at(at(0)), 6_670 * 12);
    }

    #[test]
    fn what_was_stored_is_read() {
        let stored = r#"{"currency":"USD","charges":[{"minorUnits":1200,"interval":"month","intervalCount":1}],
            "discounts":[{"off":{"millionths":125000},"startsAt":null,"endsAt":"2026-12-01T00:00:00.000Z"}]}"#;
        let read: Recurring = serde_json::from_str(stored).unwrap();
        assert_eq!(read.twelfths_at(at(0)), 1_050 * 12);
        let again: Recurring = serde_json::from_str(&serde_json::to_string(&read).unwrap()).unwrap();
        assert_eq!(again, read);
    }

    proptest! {
        #[test]
        fn no_discount_makes_revenue_negative_or_larger(
            amount in 0_i64..=999_999_999_999,
            parts in proptest::collection::vec((0_u32..=1_000_000, 0_i64..=999_999_999_999), 0..4),
            currency in "USD|JPY|KWD|ISK|IDR",
        ) {
            let mut price = recurring(&currency, vec![charge(amount, RecurringInterval::Day, 1)]);
            let most = price.twelfths_at(at(0));
            for (part, amount) in parts {
                price.discounts.push(off(DiscountOff::Millionths(part)));
                price.discounts.push(off(DiscountOff::MinorUnits(amount)));
            }
            prop_assert!((0..=most).contains(&price.twelfths_at(at(0))));
        }
    }
}
