//! When a period of a subscription ends.

use chrono::{DateTime, Months};

use crate::{
    clock::{DAY, Timestamp},
    resources::prices::{Interval, Recurring},
};

/// The first end of a period after `after`. Months count from the anchor, whose day is clamped to shorter months:
/// 31 January, 28 February, 31 March.
pub fn next_end(anchor: Timestamp, recurring: Recurring, after: Timestamp) -> Timestamp {
    let count = i64::from(recurring.interval_count.max(1));
    let (days, months) = match recurring.interval {
        Interval::Day => (count, 0),
        Interval::Week => (7 * count, 0),
        Interval::Month => (0, count),
        Interval::Year => (0, 12 * count),
    };
    if days > 0 {
        let length = days * DAY;
        let passed = (after - anchor).div_euclid(length) + 1;
        return anchor + passed.max(1) * length;
    }
    // The longest month gives a number of periods that is never too many.
    let sure = ((after - anchor) / (31 * DAY * months)).max(1);
    let mut ends = (sure..=sure + 1200).map(|periods| add_months(anchor, periods * months));
    ends.find(|end| *end > after).unwrap_or(Timestamp::MAX)
}

fn add_months(time: Timestamp, months: i64) -> Timestamp {
    let months = Months::new(u32::try_from(months).unwrap_or(u32::MAX));
    let end = DateTime::from_timestamp(time, 0).and_then(|start| start.checked_add_months(months));
    end.map_or(Timestamp::MAX, |end| end.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        DateTime::parse_from_rfc3339(text).unwrap().timestamp()
    }

    const MONTHLY: Recurring =
        Recurring { interval: Interval::Month, interval_count: 1, trial_period_days: None };

    #[test]
    fn a_month_that_is_too_short_ends_on_its_last_day_and_the_next_one_is_whole_again() {
        let anchor = time("2026-01-31T10:00:00Z");
        let february = next_end(anchor, MONTHLY, anchor);
        assert_eq!(february, time("2026-02-28T10:00:00Z"));
        assert_eq!(next_end(anchor, MONTHLY, february), time("2026-03-31T10:00:00Z"));
    }

    #[test]
    fn a_year_from_a_leap_day_ends_on_the_28th() {
        let anchor = time("2028-02-29T00:00:00Z");
        let yearly = Recurring { interval: Interval::Year, ..MONTHLY };
        assert_eq!(next_end(anchor, yearly, anchor), time("2029-02-28T00:00:00Z"));
    }

    #[test]
    fn days_and_weeks_are_counted_in_seconds() {
        let weekly = Recurring { interval: Interval::Week, interval_count: 2, ..MONTHLY };
        assert_eq!(next_end(0, weekly, 0), 14 * DAY);
        assert_eq!(next_end(0, weekly, 14 * DAY), 28 * DAY);
        assert_eq!(next_end(0, weekly, 15 * DAY), 28 * DAY);
    }
}
