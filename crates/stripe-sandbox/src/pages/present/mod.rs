//! From what is stored to what is read: the words that several pages share. Each page's own are beside this file.

pub(crate) mod checkout;
pub(crate) mod consent;
pub(crate) mod credit_note;
pub(crate) mod deliveries;
pub(crate) mod home;
pub(crate) mod invoice;
pub(crate) mod objects;
pub(crate) mod portal;
pub(crate) mod portal_customer;
pub(crate) mod portal_steps;
pub(crate) mod three_d_secure;

use chrono::{DateTime, Datelike, Utc};

use super::{
    format_money,
    views::{Badge, Moment, Tone},
};
use crate::{
    clock::Timestamp,
    resources::{
        accounts::Account,
        coupons::Off,
        invoices::InvoiceStatus,
        payment_methods::{MethodKind, PaymentMethod},
        prices::{Interval, Price, Recurring},
        subscriptions::Status,
    },
    store::Tx,
    unit_amount::UnitAmount,
};

fn utc(time: Timestamp) -> DateTime<Utc> {
    DateTime::from_timestamp(time, 0).unwrap_or_default()
}

/// Such as "8 December 2026".
pub(crate) fn date(time: Timestamp) -> String {
    utc(time).format("%-d %B %Y").to_string()
}

/// Such as "24 Nov – 24 Dec 2026", or one day when both are the same.
pub(crate) fn period(start: Timestamp, end: Timestamp) -> String {
    let (start, end) = (utc(start), utc(end));
    let last = end.format("%-d %b %Y").to_string();
    if start.date_naive() == end.date_naive() {
        last
    } else if start.year() == end.year() {
        format!("{} – {last}", start.format("%-d %b"))
    } else {
        format!("{} – {last}", start.format("%-d %b %Y"))
    }
}

pub(crate) fn moment(time: Timestamp) -> Moment {
    let time = utc(time);
    Moment {
        machine: time.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        text: time.format("%-d %b %Y, %H:%M:%S UTC").to_string(),
    }
}

/// Such as "per month" or "every 3 months".
pub(crate) fn interval(recurring: Recurring) -> String {
    let unit = match recurring.interval {
        Interval::Day => "day",
        Interval::Week => "week",
        Interval::Month => "month",
        Interval::Year => "year",
    };
    match recurring.interval_count {
        1 => format!("per {unit}"),
        count => format!("every {count} {unit}s"),
    }
}

/// Such as "$20.00", or "0.005 USD" for what is less than the smallest coin.
pub(crate) fn unit_price(amount: UnitAmount, currency: &str) -> String {
    amount.whole().map_or_else(|| amount.plain(currency), |whole| format_money(whole, currency))
}

/// Such as "$20.00 per month", or "$20.00" for what is paid once.
pub(crate) fn price(price: &Price) -> String {
    let amount = unit_price(price.unit_amount, &price.currency);
    price.recurring.map_or_else(|| amount.clone(), |recurring| format!("{amount} {}", interval(recurring)))
}

/// Such as "20% off".
pub(crate) fn off(off: &Off) -> String {
    match off {
        Off::Percent(hundredths) => format!("{}% off", f64::from(*hundredths) / 100.0),
        Off::Amount { amount, currency } => format!("{} off", format_money(*amount, currency)),
    }
}

/// Such as "Visa •••• 4242".
pub(crate) fn payment_method(method: &PaymentMethod) -> String {
    match &method.kind {
        MethodKind::Card { brand, last4, .. } => format!("{} •••• {last4}", brand_name(brand)),
        MethodKind::SepaDebit { last4, .. } => format!("SEPA Direct Debit •••• {last4}"),
    }
}

/// Such as "Visa •••• 4242, expires 12 / 34".
pub(crate) fn payment_method_with_expiry(method: &PaymentMethod) -> String {
    let name = payment_method(method);
    match &method.kind {
        MethodKind::Card { exp_month, exp_year, .. } => {
            format!("{name}, expires {exp_month:02} / {:02}", exp_year % 100)
        }
        MethodKind::SepaDebit { .. } => name,
    }
}

fn brand_name(brand: &str) -> &str {
    match brand {
        "amex" => "American Express",
        "diners" => "Diners Club",
        "discover" => "Discover",
        "jcb" => "JCB",
        "mastercard" => "Mastercard",
        "unionpay" => "UnionPay",
        "visa" => "Visa",
        other => other,
    }
}

/// Who sells, in the account of `tx`.
pub(crate) fn merchant(tx: &Tx<'_>) -> String {
    merchant_name(tx.find::<Account>(tx.account()))
}

fn merchant_name(account: Option<&Account>) -> String {
    let name = account.and_then(|account| account.name.clone()).filter(|name| !name.trim().is_empty());
    name.unwrap_or_else(|| "Sandbox shop".to_owned())
}

pub(crate) fn subscription_status(status: Status) -> Badge {
    match status {
        Status::Active => Badge::new("Active", Tone::Good),
        Status::Canceled => Badge::new("Canceled", Tone::Neutral),
        Status::Incomplete => Badge::new("Incomplete", Tone::Warning),
        Status::IncompleteExpired => Badge::new("Expired", Tone::Neutral),
        Status::PastDue => Badge::new("Past due", Tone::Bad),
        Status::Paused => Badge::new("Paused", Tone::Warning),
        Status::Trialing => Badge::new("Trial", Tone::Good),
        Status::Unpaid => Badge::new("Unpaid", Tone::Bad),
    }
}

pub(crate) fn invoice_status(status: InvoiceStatus) -> Badge {
    match status {
        InvoiceStatus::Draft => Badge::new("Draft", Tone::Neutral),
        InvoiceStatus::Open => Badge::new("Open", Tone::Warning),
        InvoiceStatus::Paid => Badge::new("Paid", Tone::Good),
        InvoiceStatus::Uncollectible => Badge::new("Uncollectible", Tone::Bad),
        InvoiceStatus::Void => Badge::new("Void", Tone::Neutral),
    }
}

#[cfg(test)]
mod tests;
