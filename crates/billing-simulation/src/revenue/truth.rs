//! The revenue of each day, from Stripe's subscriptions as they are at its end.

use std::collections::BTreeMap;

use serde_json::Value;

/// The figures of a day in one currency.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Figures {
    pub(super) twelfths: i64,
    pub(super) new: i64,
    pub(super) churned: i64,
}

/// What is true of all days so far.
#[derive(Default)]
pub(super) struct Truth {
    days: BTreeMap<(String, String), Figures>,
    /// The revenue of each subscription at the end of the last day, by id.
    revenue: BTreeMap<String, i64>,
    begun: BTreeMap<String, bool>,
}

impl Truth {
    pub(super) fn end_of_day(&mut self, begins: i64, subscriptions: &[Value]) {
        for subscription in subscriptions {
            let id = subscription["id"].as_str().unwrap().to_owned();
            let currency = subscription["currency"].as_str().unwrap().to_uppercase();
            let is_counted = matches!(subscription["status"].as_str(), Some("active" | "past_due"));
            let twelfths = if is_counted { twelfths(subscription) } else { 0 };
            let before = self.revenue.insert(id.clone(), twelfths).unwrap_or(0);
            self.of(begins, &currency).twelfths += twelfths - before;
            let has_ended = subscription["status"] == "canceled";
            let lived_unseen = has_ended && lived(subscription);
            if (is_counted || lived_unseen) && !self.begun.contains_key(&id) {
                self.of(begun_at(subscription), &currency).new += 1;
                self.begun.insert(id.clone(), false);
            }
            if has_ended && self.begun.get(&id) == Some(&false) {
                self.of(subscription["ended_at"].as_i64().unwrap(), &currency).churned += 1;
                self.begun.insert(id, true);
            }
        }
        self.days.retain(|_, figures| *figures != Figures::default());
    }

    fn of(&mut self, at: i64, currency: &str) -> &mut Figures {
        let day = chrono::DateTime::from_timestamp(at, 0).unwrap().date_naive().to_string();
        self.days.entry((day, currency.to_owned())).or_default()
    }

    /// The revenue of a month as of the end of the last day, in minor units, halves up.
    pub(super) fn now(&self, currency: &str) -> i64 {
        let of_currency = self.days.iter().filter(|((_, of), _)| of == currency);
        (of_currency.map(|(_, figures)| figures.twelfths).sum::<i64>() + 6) / 12
    }

    pub(super) fn compare(&self, kept: &BTreeMap<(String, String), Figures>) -> Result<(), String> {
        let ahead = self.days.keys().map(|(day, _)| day.clone()).max().unwrap_or_default();
        let keys = self.days.keys().chain(kept.keys().filter(|(day, _)| *day <= ahead));
        for key in keys {
            let (truth, kept) = (self.days.get(key).copied(), kept.get(key).copied());
            if truth != kept {
                return Err(format!("{key:?}: {kept:?} is kept, and {truth:?} is true"));
            }
        }
        Ok(())
    }
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
            None => {
                #[expect(clippy::cast_possible_truncation, reason = "a percentage of two decimals")]
                let hundredths = (coupon["percent_off"].as_f64().unwrap() * 100.0).round() as i64;
                (left * hundredths + 5_000 * step) / (10_000 * step) * step
            }
        };
        left = (left - off).max(0);
    }
    match price["recurring"]["interval"].as_str() {
        Some("month") => left * 12,
        Some("year") => left,
        interval => panic!("{interval:?}"),
    }
}
