//! The geometry of charts, in whole tenths of a unit of the drawing.

use billing_domain::{CurrencyRevenue, Money, MonthlyRevenue};

use crate::lists::grouped;
use crate::present::{currency, month_name};
use crate::views::{RevenueSeries, SeriesMonth, SeriesRow};

/// The height of a drawing and the width of a month's column, in tenths.
const HEIGHT: i128 = 1_000;
const COLUMN: i128 = 100;
/// The parts into which lines divide a drawing.
const PARTS: i128 = 4;

/// The last twelve months of a currency; `None` without any.
pub(crate) fn series(revenue: &CurrencyRevenue) -> Option<RevenueSeries> {
    let (first, last) = (revenue.months.first()?, revenue.months.last()?);
    let amounts = revenue.months.iter().map(|month| i128::from(month.revenue.minor_units()));
    let step = step_over(amounts.max().unwrap_or(0), PARTS);
    let counts = Counts::of(&revenue.months);
    let points: Vec<_> =
        revenue.months.iter().zip(0..).map(|(month, column)| point(month, column, step)).collect();
    let name = |month: &MonthlyRevenue| month_name(month.month, "%b %Y");
    let (began, became) = (month_name(first.month, "%B %Y"), month_name(last.month, "%B %Y"));
    let axis = (0..=PARTS).rev().map(|part| short(part * step, revenue));
    let row = |month: &MonthlyRevenue| SeriesRow {
        name: name(month),
        revenue: month.revenue.to_string(),
        new: grouped(month.new),
        churned: grouped(month.churned),
    };
    Some(RevenueSeries {
        currency: currency(revenue.currency).to_owned(),
        range: format!("{} – {}", name(first), name(last)),
        revenue_label: format!(
            "Revenue went from {} in {began} to {} in {became}.",
            first.revenue, last.revenue
        ),
        revenue_axis: axis.collect(),
        line: points.join("L"),
        last: points.last()?.clone(),
        counts_label: format!("{} subscriptions began and {} ended in {became}.", last.new, last.churned),
        counts_axis: counts.axis(),
        months: revenue.months.iter().zip(0..).map(|(month, column)| counts.month(month, column)).collect(),
        rows: revenue.months.iter().rev().map(row).collect(),
    })
}

fn point(month: &MonthlyRevenue, column: i128, step: i128) -> String {
    let height = i128::from(month.revenue.minor_units()) * HEIGHT / (step * PARTS);
    format!("{} {}", tenths(column * COLUMN + COLUMN / 2), tenths(HEIGHT - height))
}

/// The smallest round step of which so many reach a number.
fn step_over(most: i128, parts: i128) -> i128 {
    round_steps().find(|step| step * parts >= most).unwrap_or(most)
}

/// 1, 2, 5, 10, 20, 50…
fn round_steps() -> impl Iterator<Item = i128> {
    (0..30).flat_map(|power| [1, 2, 5].map(|digit| digit * 10_i128.pow(power)))
}

fn tenths(tenths: i128) -> String {
    let sign = if tenths < 0 { "-" } else { "" };
    let size = tenths.unsigned_abs();
    if size % 10 == 0 { format!("{sign}{}", size / 10) } else { format!("{sign}{}.{}", size / 10, size % 10) }
}

/// An amount of an axis: in whole major units, and by thousands and millions where that is exact.
fn short(minor_units: i128, revenue: &CurrencyRevenue) -> String {
    let unit = 10_i128.pow(revenue.currency.decimals());
    let written = |minor_units: i128| {
        let minor_units = i64::try_from(minor_units).unwrap_or(i64::MAX);
        Money::new(minor_units, revenue.currency).to_string()
    };
    if minor_units % unit != 0 {
        return written(minor_units);
    }
    let major = minor_units / unit;
    let units = [(1_000_000_000, "B"), (1_000_000, "M"), (1_000, "k")];
    let (size, letter) =
        units.into_iter().find(|(size, _)| major >= *size && major % (size / 10) == 0).unwrap_or((1, ""));
    let (whole, rest) = (major / size, major % size * 10 / size);
    let amount = written(whole * unit);
    let amount = amount.split('.').next().unwrap_or_default();
    if rest == 0 { format!("{amount}{letter}") } else { format!("{amount}.{rest}{letter}") }
}

/// The scale of the bars of new and churned subscriptions, which share one line between them.
struct Counts {
    step: i128,
    /// The parts above the line.
    above: i128,
}

impl Counts {
    fn of(months: &[MonthlyRevenue]) -> Self {
        let most = |pick: fn(&MonthlyRevenue) -> u64| months.iter().map(pick).max().map_or(0, i128::from);
        let (new, churned) = (most(|month| month.new), most(|month| month.churned));
        let parts = |most: i128, step: i128| (most + step - 1) / step;
        let step = round_steps().find(|step| parts(new, *step) + parts(churned, *step) <= PARTS).unwrap_or(1);
        Self { step, above: PARTS - parts(churned, step) }
    }

    fn axis(&self) -> Vec<String> {
        let label = |part: i128| grouped(u64::try_from((self.above - part).abs() * self.step).unwrap_or(0));
        (0..=PARTS).map(label).collect()
    }

    fn height(&self, count: u64) -> i128 {
        i128::from(count) * HEIGHT / (self.step * PARTS)
    }

    fn month(&self, month: &MonthlyRevenue, column: i128) -> SeriesMonth {
        let (new, zero) = (self.height(month.new), self.above * HEIGHT / PARTS);
        SeriesMonth {
            short: month_name(month.month, "%b"),
            name: month_name(month.month, "%b %Y"),
            revenue: month.revenue.to_string(),
            new: grouped(month.new),
            churned: grouped(month.churned),
            x: tenths(column * COLUMN),
            bar_x: tenths(column * COLUMN + 20),
            new_y: tenths(zero - new),
            new_height: tenths(new),
            zero_y: tenths(zero),
            churned_height: tenths(self.height(month.churned)),
        }
    }
}

#[cfg(test)]
mod tests {
    use billing_domain::{Currency, Month, RevenueTotal};

    use super::*;

    fn revenue(currency: &str, now: i64, new: i64, churned: i64) -> CurrencyRevenue {
        let month = Month::of("2026-11-29T00:00:00Z".parse().unwrap());
        let currency = Currency::parse(currency).unwrap();
        let totals = [RevenueTotal { month, currency, twelfths: now * 12, new, churned }];
        CurrencyRevenue::of_totals(currency, &totals, month)
    }

    #[test]
    fn a_chart_reaches_from_nothing_to_a_round_amount() {
        let series = series(&revenue("USD", 1_842_000, 48, 17)).unwrap();
        assert_eq!(series.range, "Dec 2025 – Nov 2026");
        assert_eq!(series.revenue_axis, ["$20k", "$15k", "$10k", "$5k", "$0"]);
        assert!(series.line.starts_with("5 100L15 100L"), "{}", series.line);
        assert_eq!(series.last, "115 7.9");
        assert_eq!(series.counts_axis, ["60", "40", "20", "0", "20"]);
        let november = series.months.last().unwrap();
        assert_eq!((november.new_y.as_str(), november.new_height.as_str()), ("15", "60"));
        assert_eq!((november.zero_y.as_str(), november.churned_height.as_str()), ("75", "21.2"));
        assert_eq!(series.rows[0].name, "Nov 2026");
    }

    #[test]
    fn an_axis_is_written_in_the_currencys_units() {
        let axis =
            |currency: &str, now| series(&revenue(currency, now, 0, 0)).unwrap().revenue_axis.join(" ");
        assert_eq!(axis("JPY", 700), "¥800 ¥600 ¥400 ¥200 ¥0");
        assert_eq!(axis("KWD", 3), "KWD 0.004 KWD 0.003 KWD 0.002 KWD 0.001 KWD 0");
        assert_eq!(axis("USD", 550_000), "$8k $6k $4k $2k $0");
        assert_eq!(axis("USD", 160_000), "$2k $1.5k $1k $500 $0");
        assert_eq!(axis("USD", 0), "$0.04 $0.03 $0.02 $0.01 $0");
        assert_eq!(axis("USD", 1_200_000_000), "$20M $15M $10M $5M $0");
    }
}
