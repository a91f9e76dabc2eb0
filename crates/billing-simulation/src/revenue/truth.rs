//! The revenue of each day, from Stripe's subscriptions as they are at its end.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// The environment, the date and the currency of a figure.
pub(super) type Place = (String, String, String);

/// The figures of a day in one environment and currency.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Figures {
    pub(super) twelfths: i64,
    pub(super) new: i64,
    pub(super) churned: i64,
}

/// What is true of all days so far.
#[derive(Default)]
pub(super) struct Truth {
    days: BTreeMap<Place, Figures>,
    last_day: String,
    /// The revenue of each subscription at the end of the last day, by id.
    revenue: BTreeMap<String, i64>,
    begun: BTreeMap<String, bool>,
}

impl Truth {
    pub(super) fn end_of_day(&mut self, begins: i64, subscriptions: &[Value]) {
        self.last_day = day_of(begins);
        for subscription in subscriptions {
            let id = subscription["id"].as_str().unwrap().to_owned();
            let is_counted = matches!(subscription["status"].as_str(), Some("active" | "past_due"));
            let twelfths = if is_counted { twelfths(subscription) } else { 0 };
            let before = self.revenue.insert(id.clone(), twelfths).unwrap_or(0);
            self.of(subscription, begins).twelfths += twelfths - before;
            let has_ended = subscription["status"] == "canceled";
            let lived_unseen = has_ended && lived(subscription);
            if (is_counted || lived_unseen) && !self.begun.contains_key(&id) {
                self.of(subscription, begun_at(subscription)).new += 1;
                self.begun.insert(id.clone(), false);
            }
            if has_ended && self.begun.get(&id) == Some(&false) {
                self.of(subscription, subscription["ended_at"].as_i64().unwrap()).churned += 1;
                self.begun.insert(id, true);
            }
        }
        self.days.retain(|_, figures| *figures != Figures::default());
    }

    fn of(&mut self, subscription: &Value, at: i64) -> &mut Figures {
        let environment = environment_of(subscription).to_owned();
        let currency = subscription["currency"].as_str().unwrap().to_uppercase();
        self.days.entry((environment, day_of(at), currency)).or_default()
    }

    /// The last twelve months of each currency in which there is anything to tell: the revenue at the end of the month, or
    /// now, in minor units with halves up, and the numbers of new and churned subscriptions.
    pub(super) fn months(&self, environment: &str) -> Vec<String> {
        let of_environment = || self.days.iter().filter(move |((of, ..), _)| of == environment);
        let currencies: BTreeSet<_> = of_environment().map(|((.., currency), _)| currency).collect();
        let mut told = Vec::new();
        for currency in currencies {
            let of_currency = || of_environment().filter(move |((.., of), _)| of == currency);
            let figures = |month: &str| {
                let until = of_currency().filter(|((_, day, _), _)| day[..month.len()] <= *month);
                let within = || of_currency().filter(move |((_, day, _), _)| day.starts_with(month));
                let twelfths: i64 = until.map(|(_, figures)| figures.twelfths).sum();
                let new: i64 = within().map(|(_, figures)| figures.new).sum();
                let churned: i64 = within().map(|(_, figures)| figures.churned).sum();
                ((twelfths + 6) / 12, new, churned)
            };
            let months = last_months(&self.last_day);
            if months.iter().any(|month| figures(month) != (0, 0, 0)) {
                told.extend(months.iter().map(|month| {
                    let (revenue, new, churned) = figures(month);
                    format!("{currency} {month}: {revenue}, {new} new, {churned} churned")
                }));
            }
        }
        told
    }

    pub(super) fn compare(&self, kept: &BTreeMap<Place, Figures>) -> Result<(), String> {
        // What is known ahead is no truth yet.
        let so_far = kept.keys().filter(|(_, day, _)| *day <= self.last_day);
        for place in self.days.keys().chain(so_far) {
            let (truth, kept) = (self.days.get(place).copied(), kept.get(place).copied());
            if truth != kept {
                return Err(format!("{place:?}: {kept:?} is kept, and {truth:?} is true"));
            }
        }
        Ok(())
    }
}

/// The environment in which a subscription was sold.
pub(super) fn environment_of(subscription: &Value) -> &str {
    subscription["metadata"]["kl_environment_id"].as_str().unwrap()
}

fn day_of(at: i64) -> String {
    chrono::DateTime::from_timestamp(at, 0).unwrap().date_naive().to_string()
}

/// The month of a day and the eleven before it, oldest first.
fn last_months(day: &str) -> Vec<String> {
    let number = |text: &str| text.parse::<i64>().unwrap();
    let last = number(&day[..4]) * 12 + number(&day[5..7]) - 1;
    let month = |count: i64| format!("{:04}-{:02}", count / 12, count % 12 + 1);
    (last - 11..=last).map(month).collect()
}

/// Whether a subscription that has ended was ever paid.
fn lived(subscription: &Value) -> bool {
    subscription["ended_at"].as_i64() > Some(begun_at(subscription))
}

fn begun_at(subscription: &Value) -> i64 {
    let created = subscription["created"].as_i64().unwrap();
    subscription["trial_end"].as_i64().map_or(created, |end| end.max(created))
}

/// A year of a subscription's charges, in minor units: what its invoices of a year come to.
fn twelfths(subscription: &Value) -> i64 {
    let item = &subscription["items"]["data"][0];
    let (price, quantity) = (&item["price"], item["quantity"].as_i64().unwrap());
    let mut left = price["unit_amount"].as_i64().unwrap() * quantity;
    let step = if subscription["currency"] == "kwd" { 10 } else { 1 };
    for discount in subscription["discounts"].as_array().unwrap() {
        let coupon = &discount["source"]["coupon"];
        if coupon["duration"] == "once" {
            continue;
        }
        let off = match coupon["amount_off"].as_i64() {
            Some(amount) => amount,
            None => (left * hundredths(&coupon["percent_off"]) + 5_000 * step) / (10_000 * step) * step,
        };
        left = (left - off).max(0);
    }
    match price["recurring"]["interval"].as_str() {
        Some("month") => left * 12,
        Some("year") => left,
        interval => panic!("{interval:?}"),
    }
}

/// A percentage of two decimals at most, from its text.
fn hundredths(percent: &Value) -> i64 {
    let text = percent.to_string();
    let (whole, decimals) = text.split_once('.').unwrap_or((text.as_str(), ""));
    format!("{whole}{decimals:0<2}").parse().unwrap()
}
