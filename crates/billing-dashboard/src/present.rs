//! Values of the domain as text.

use billing_domain::{
    App, Currency, EnvironmentKind, Feature, Gateway, Month, PayerKind, Price, Timestamp, TrialDays,
    Visibility,
};
use chrono::{Datelike, SecondsFormat};

use crate::views::{AppLink, FeatureRow, Moment, PriceRow};

pub(crate) fn moment(at: Timestamp) -> Moment {
    Moment {
        machine: at.to_rfc3339_opts(SecondsFormat::Millis, true),
        date: at.format("%-d %b %Y").to_string(),
        clock: at.format("%H:%M UTC").to_string(),
    }
}

pub(crate) fn payers(kind: PayerKind) -> &'static str {
    match kind {
        PayerKind::User => "Users",
        PayerKind::Organization => "Organizations",
    }
}

pub(crate) fn visibility(visibility: Visibility) -> &'static str {
    match visibility {
        Visibility::Public => "Public",
        Visibility::Hidden => "Hidden",
    }
}

pub(crate) fn trial(days: TrialDays) -> String {
    self::days(days.days())
}

/// The length of a trial.
pub(crate) fn days(days: u32) -> String {
    match days {
        0 => "None".to_owned(),
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    }
}

/// Such as "28 Nov – 28 Dec 2026".
pub(crate) fn period(start: Timestamp, end: Timestamp) -> String {
    let date = |at: Timestamp| at.format("%-d %b %Y").to_string();
    if start.date_naive() == end.date_naive() {
        return date(end);
    }
    let start = if start.year() == end.year() { start.format("%-d %b").to_string() } else { date(start) };
    format!("{start} – {}", date(end))
}

/// The name of a currency, or else its code.
pub(crate) fn currency(currency: Currency) -> &'static str {
    match currency.code() {
        "AUD" => "Australian dollar",
        "BRL" => "Brazilian real",
        "CAD" => "Canadian dollar",
        "CHF" => "Swiss franc",
        "CNY" => "Chinese yuan",
        "EUR" => "Euro",
        "GBP" => "Pound sterling",
        "HUF" => "Hungarian forint",
        "INR" => "Indian rupee",
        "JPY" => "Japanese yen",
        "KWD" => "Kuwaiti dinar",
        "TRY" => "Turkish lira",
        "USD" => "US dollar",
        code => code,
    }
}

/// A month in a format of chrono, such as "%b %Y".
pub(crate) fn month_name(month: Month, format: &str) -> String {
    month.start().map(|start| start.format(format).to_string()).unwrap_or_default()
}

pub(crate) fn gateway(gateway: Gateway) -> &'static str {
    match gateway {
        Gateway::Managed => "Shared test Stripe",
        Gateway::StripeConnect => "Your own Stripe account",
        Gateway::StripePlatform => "This deployment’s Stripe key",
    }
}

pub(crate) fn environment(kind: EnvironmentKind) -> &'static str {
    match kind {
        EnvironmentKind::Development => "Development",
        EnvironmentKind::Production => "Production",
    }
}

pub(crate) fn price_row(price: &Price) -> PriceRow {
    PriceRow {
        id: price.id.to_string(),
        amount: price.terms.amount().to_string(),
        interval: price.terms.interval().as_str(),
        unsellable: price.terms.check_sellable().err().map(|reason| reason.to_string()),
        created: moment(price.created_at),
        archived: price.archived_at.map(moment),
    }
}

pub(crate) fn feature_row(feature: &Feature) -> FeatureRow {
    FeatureRow {
        key: feature.key.to_string(),
        name: feature.details.name.to_string(),
        description: description(feature),
        created: moment(feature.created_at),
    }
}

pub(crate) fn description(feature: &Feature) -> String {
    optional(feature.details.description.as_ref())
}

impl AppLink {
    pub(crate) fn of(app: &App) -> Self {
        Self { id: app.id.to_string(), name: app.details.name.to_string() }
    }
}

/// The text, cut to `longest` characters.
pub(crate) fn clipped(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.to_owned(),
    }
}

pub(crate) fn optional(text: Option<&impl ToString>) -> String {
    text.map(ToString::to_string).unwrap_or_default()
}

pub(crate) fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_names_each_year_once() {
        let of = |start: &str, end: &str| period(start.parse().unwrap(), end.parse().unwrap());
        assert_eq!(of("2026-11-28T08:00:00Z", "2026-12-28T08:00:00Z"), "28 Nov – 28 Dec 2026");
        assert_eq!(of("2026-12-28T08:00:00Z", "2027-01-28T08:00:00Z"), "28 Dec 2026 – 28 Jan 2027");
        assert_eq!(of("2026-11-28T08:00:00Z", "2026-11-28T09:00:00Z"), "28 Nov 2026");
    }
}
