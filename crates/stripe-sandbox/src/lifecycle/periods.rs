//! When a period of a subscription ends.

use chrono::{DateTime, Months};

use crate::{
    clock::{DAY, Timestamp},
    resources::{
        invoices::Period,
        prices::{Interval, Recurring},
    },
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

/// The whole period that `time` is in, counted from the anchor to both sides.
pub fn around(anchor: Timestamp, recurring: Recurring, time: Timestamp) -> Period {
    let mut end = if time >= anchor { next_end(anchor, recurring, time) } else { anchor };
    let mut passed = if time >= anchor { count(anchor, recurring, end) } else { 0 };
    let mut start = nth(anchor, recurring, passed - 1);
    while start > time && start < end {
        end = start;
        passed -= 1;
        start = nth(anchor, recurring, passed - 1);
    }
    Period { start, end }
}

/// How many periods after the anchor one of their ends is.
fn count(anchor: Timestamp, recurring: Recurring, end: Timestamp) -> i64 {
    let least = (end - anchor) / (31 * DAY * months_of(recurring).max(1));
    let least = if months_of(recurring) == 0 { (end - anchor) / nth(0, recurring, 1) } else { least };
    (least..=least + 1200).find(|periods| nth(anchor, recurring, *periods) >= end).unwrap_or(least)
}

fn months_of(recurring: Recurring) -> i64 {
    let count = i64::from(recurring.interval_count.max(1));
    match recurring.interval {
        Interval::Day | Interval::Week => 0,
        Interval::Month => count,
        Interval::Year => 12 * count,
    }
}

/// The end of the `periods`-th period after the anchor, or before it when negative.
fn nth(anchor: Timestamp, recurring: Recurring, periods: i64) -> Timestamp {
    let count = i64::from(recurring.interval_count.max(1));
    match recurring.interval {
        Interval::Day => anchor + periods * count * DAY,
        Interval::Week => anchor + periods * count * 7 * DAY,
        Interval::Month | Interval::Year => add_months(anchor, periods * months_of(recurring)),
    }
}

fn add_months(time: Timestamp, months: i64) -> Timestamp {
    let many = Months::new(u32::try_from(months.unsigned_abs()).unwrap_or(u32::MAX));
    let end = DateTime::from_timestamp(time, 0).and_then(|start| {
        if months < 0 { start.checked_sub_months(many) } else { start.checked_add_months(many) }
    });
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
    fn a_moment_is_in_one_whole_period_before_or_after_the_anchor() {
        let anchor = time("2026-01-31T10:00:00Z");
        let whole = |at: &str| around(anchor, MONTHLY, time(at));
        let period = |start: &str, end: &str| Period { start: time(start), end: time(end) };
        assert_eq!(whole("2026-02-28T10:00:00Z"), period("2026-02-28T10:00:00Z", "2026-03-31T10:00:00Z"));
        assert_eq!(whole("2026-02-01T10:00:00Z"), period("2026-01-31T10:00:00Z", "2026-02-28T10:00:00Z"));
        assert_eq!(whole("2026-01-11T10:00:00Z"), period("2025-12-31T10:00:00Z", "2026-01-31T10:00:00Z"));
        let weekly = Recurring { interval: Interval::Week, ..MONTHLY };
        assert_eq!(around(0, weekly, 8 * DAY), Period { start: 7 * DAY, end: 14 * DAY });
        assert_eq!(around(0, weekly, -DAY), Period { start: -7 * DAY, end: 0 });
    }

    #[test]
    fn days_and_weeks_are_counted_in_seconds() {
        let weekly = Recurring { interval: Interval::Week, interval_count: 2, ..MONTHLY };
        assert_eq!(next_end(0, weekly, 0), 14 * DAY);
        assert_eq!(next_end(0, weekly, 14 * DAY), 28 * DAY);
        assert_eq!(next_end(0, weekly, 15 * DAY), 28 * DAY);
    }
}
