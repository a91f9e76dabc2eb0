use std::fmt;

use chrono::Datelike;

use super::recurring::rounded;
use crate::{Currency, EnvironmentId, Money, Timestamp};

/// A month of the calendar, in UTC. Displayed as `2026-12`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    year: i32,
    /// From 1 to 12.
    month: u32,
}

impl Month {
    /// The number of characters of its written form, with which a date of it begins.
    pub const LENGTH: usize = 7;

    /// The month of a moment.
    #[must_use]
    pub fn of(moment: Timestamp) -> Self {
        Self { year: moment.year(), month: moment.month() }
    }

    /// The month before.
    #[must_use]
    pub fn previous(self) -> Self {
        match self.month {
            1 => Self { year: self.year - 1, month: 12 },
            month => Self { month: month - 1, ..self },
        }
    }

    /// This month and those before it, oldest first.
    #[must_use]
    pub fn last(self, months: usize) -> Vec<Self> {
        let mut last: Vec<_> =
            std::iter::successors(Some(self), |month| Some(month.previous())).take(months).collect();
        last.reverse();
        last
    }

    /// Its first moment.
    #[must_use]
    pub fn start(self) -> Option<Timestamp> {
        let day = chrono::NaiveDate::from_ymd_opt(self.year, self.month, 1)?;
        Some(day.and_time(chrono::NaiveTime::MIN).and_utc())
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl crate::FromStored for Month {
    type Kept = String;

    fn from_stored(kept: String) -> Option<Self> {
        let (year, month) = kept.split_once('-')?;
        let (year, month) = (year.parse().ok()?, month.parse().ok()?);
        (1..=12).contains(&month).then_some(Self { year, month })
    }
}

/// The changes of one month in one currency, summed up over subscriptions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RevenueTotal {
    /// The month.
    pub month: Month,
    /// The currency.
    pub currency: Currency,
    /// The difference of the monthly recurring revenue, in twelfths of a minor unit.
    pub twelfths: i64,
    /// The number of subscriptions that counted for the first time.
    pub new: i64,
    /// The number of subscriptions that had counted and ended.
    pub churned: i64,
}

/// The numbers of live subscriptions by their present state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LiveCounts {
    /// Active, those that are to end included.
    pub active: u64,
    /// On trial.
    pub trialing: u64,
    /// Past due.
    pub past_due: u64,
    /// To end, of those that are live.
    pub ending: u64,
}

/// The revenue of an app in one environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevenueOverview {
    /// The environment.
    pub environment_id: EnvironmentId,
    /// The moment of the figures.
    pub as_of: Timestamp,
    /// The revenue in each currency in which anything was charged in the last twelve months, by code.
    pub currencies: Vec<CurrencyRevenue>,
    /// The numbers of subscriptions now.
    pub subscriptions: LiveCounts,
    /// The number of subscriptions that counted for the first time this month, in every currency.
    pub new: u64,
    /// The number of subscriptions that ended this month, in every currency.
    pub churned: u64,
}

impl RevenueOverview {
    /// The overview of an environment from the totals of its months up to the present one.
    #[must_use]
    pub fn new(
        environment_id: EnvironmentId,
        as_of: Timestamp,
        totals: &[RevenueTotal],
        subscriptions: LiveCounts,
    ) -> Self {
        let mut currencies: Vec<_> = totals.iter().map(|total| total.currency).collect();
        currencies.sort_unstable_by_key(|currency| currency.code());
        currencies.dedup();
        let series = |currency| CurrencyRevenue::of_totals(currency, totals, Month::of(as_of));
        let currencies: Vec<_> =
            currencies.into_iter().map(series).filter(|series| !series.is_empty()).collect();
        let number = |pick: fn(&MonthlyRevenue) -> u64| {
            currencies.iter().filter_map(CurrencyRevenue::now).map(pick).sum::<u64>()
        };
        let (new, churned) = (number(|month| month.new), number(|month| month.churned));
        Self { environment_id, as_of, currencies, subscriptions, new, churned }
    }
}

/// The revenue in one currency. Amounts of two currencies are never added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrencyRevenue {
    /// The currency.
    pub currency: Currency,
    /// The last twelve months, oldest first; the last one is the present month up to now.
    pub months: Vec<MonthlyRevenue>,
}

/// The revenue of a month in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MonthlyRevenue {
    /// The month.
    pub month: Month,
    /// The monthly recurring revenue at its end, or now.
    pub revenue: Money,
    /// The number of subscriptions that counted for the first time.
    pub new: u64,
    /// The number of subscriptions that had counted and ended.
    pub churned: u64,
}

/// The number of months of an overview.
const MONTHS: usize = 12;

impl CurrencyRevenue {
    /// The series of a currency from the totals of all its months up to the present one, which are in order.
    #[must_use]
    pub fn of_totals(currency: Currency, totals: &[RevenueTotal], present: Month) -> Self {
        let of_currency =
            || totals.iter().filter(|total| total.currency == currency && total.month <= present);
        let months = present.last(MONTHS).into_iter().map(|month| {
            let sum: i128 =
                of_currency().filter(|it| it.month <= month).map(|it| i128::from(it.twelfths)).sum();
            let number = |pick: fn(&RevenueTotal) -> i64| {
                let sum: i64 = of_currency().filter(|it| it.month == month).map(pick).sum();
                u64::try_from(sum).unwrap_or(0)
            };
            // The only rounding: to the nearest minor unit, halves away from zero.
            let minor_units = i64::try_from(rounded(sum, 12)).unwrap_or(i64::MAX);
            MonthlyRevenue {
                month,
                revenue: Money::new(minor_units, currency),
                new: number(|total| total.new),
                churned: number(|total| total.churned),
            }
        });
        Self { currency, months: months.collect() }
    }

    /// The present month.
    #[must_use]
    pub fn now(&self) -> Option<&MonthlyRevenue> {
        self.months.last()
    }

    /// The growth since the end of the month before, in thousandths, rounded; `None` if there was nothing to grow.
    #[must_use]
    pub fn growth_permille(&self) -> Option<i64> {
        let [.., before, now] = self.months.as_slice() else { return None };
        let (before, now) = (i128::from(before.revenue.minor_units()), i128::from(now.revenue.minor_units()));
        (before > 0).then(|| i64::try_from(rounded((now - before) * 1_000, before)).unwrap_or(i64::MAX))
    }

    /// Whether anything was ever charged or sold in the months of the series.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.months
            .iter()
            .all(|month| month.revenue.minor_units() == 0 && month.new == 0 && month.churned == 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(text: &str) -> Month {
        crate::FromStored::from_stored(text.to_owned()).unwrap()
    }

    fn total(at: &str, twelfths: i64, new: i64, churned: i64) -> RevenueTotal {
        RevenueTotal { month: month(at), currency: Currency::parse("USD").unwrap(), twelfths, new, churned }
    }

    #[test]
    fn months_are_counted_over_a_new_year() {
        let last: Vec<_> = month("2026-02").last(3).into_iter().map(|month| month.to_string()).collect();
        assert_eq!(last, ["2025-12", "2026-01", "2026-02"]);
        assert_eq!(month("2026-12").start(), Some("2026-12-01T00:00:00Z".parse().unwrap()));
        for no_month in ["2026-13", "2026-0", "2026", "x-1"] {
            assert_eq!(<Month as crate::FromStored>::from_stored(no_month.to_owned()), None, "{no_month}");
        }
    }

    #[test]
    fn revenue_is_the_sum_of_all_changes_and_rounded_once() {
        let totals = [
            total("2020-01", 5, 1, 0),
            total("2026-11", 10, 2, 1),
            total("2026-12", 4, 3, 0),
            total("2027-01", 99, 9, 9),
        ];
        let usd = Currency::parse("USD").unwrap();
        let revenue = CurrencyRevenue::of_totals(usd, &totals, month("2026-12"));
        let shown: Vec<_> = revenue
            .months
            .iter()
            .rev()
            .take(3)
            .map(|it| (it.revenue.minor_units(), it.new, it.churned))
            .collect();
        // 19, 15 and 5 twelfths.
        assert_eq!(shown, [(2, 3, 0), (1, 2, 1), (0, 0, 0)]);
        assert_eq!(revenue.months.len(), 12);
        assert_eq!(revenue.growth_permille(), Some(1_000));
    }

    #[test]
    fn growth_is_of_the_month_before_and_none_from_nothing() {
        let usd = Currency::parse("USD").unwrap();
        let growth = |before: i64, now: i64| {
            let totals = [total("2026-11", before * 12, 0, 0), total("2026-12", (now - before) * 12, 0, 0)];
            CurrencyRevenue::of_totals(usd, &totals, month("2026-12")).growth_permille()
        };
        assert_eq!(growth(1_694_000, 1_842_000), Some(87));
        assert_eq!(growth(1_000, 986), Some(-14));
        assert_eq!(growth(0, 100), None);
        assert_eq!(growth(3, 0), Some(-1_000));
    }
}
