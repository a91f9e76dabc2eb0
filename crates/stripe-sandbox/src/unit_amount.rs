//! What one of something costs, which may be less than the smallest coin.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::currency;

const PLACES: usize = 12;
const ONE: i128 = 10_i128.pow(12);
/// What a sum that no amount can hold is cut to.
const BEYOND: i64 = i64::MAX / 4;

/// Minor units with up to twelve decimals, exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnitAmount(i128);

impl UnitAmount {
    pub const ZERO: Self = Self(0);

    /// `None` when it is not a whole number of minor units.
    pub fn whole(self) -> Option<i64> {
        if self.0 % ONE == 0 { i64::try_from(self.0 / ONE).ok() } else { None }
    }

    /// What so many cost, to the nearest step of the currency, halves away from zero.
    pub fn times(self, quantity: u64, currency: &str) -> i64 {
        let step = i128::from(currency::step(currency));
        let rounded = |exact: i128| {
            let divisor = ONE * step;
            let half = if exact < 0 { -divisor / 2 } else { divisor / 2 };
            (exact + half) / divisor * step
        };
        let exact = self.0.checked_mul(i128::from(quantity));
        exact.and_then(|exact| i64::try_from(rounded(exact)).ok()).unwrap_or(BEYOND)
    }

    /// As invoice lines tell it, such as `20.00 USD` or `0.005 USD`.
    pub fn plain(self, currency: &str) -> String {
        let decimals = currency::decimals(currency) as usize;
        let unit = ONE * 10_i128.pow(currency::decimals(currency));
        let (sign, size) = if self.0 < 0 { ("-", -self.0) } else { ("", self.0) };
        let fraction = format!("{:0width$}", size % unit, width = PLACES + decimals);
        let (always, more) = fraction.split_at(decimals);
        let more = more.trim_end_matches('0');
        let dot = if always.is_empty() && more.is_empty() { "" } else { "." };
        format!("{sign}{}{dot}{always}{more} {}", size / unit, currency.to_uppercase())
    }
}

impl From<i64> for UnitAmount {
    fn from(minor_units: i64) -> Self {
        Self(i128::from(minor_units) * ONE)
    }
}

impl FromStr for UnitAmount {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("Invalid decimal: {text}. It may have at most {PLACES} decimal places.");
        let (sign, size) = text.strip_prefix('-').map_or((1, text), |size| (-1, size));
        let (whole, fraction) = size.split_once('.').unwrap_or((size, ""));
        let are_digits = |part: &str| part.bytes().all(|it| it.is_ascii_digit());
        let fits = !(whole.is_empty() && fraction.is_empty())
            && whole.len() <= PLACES
            && fraction.len() <= PLACES
            && are_digits(whole)
            && are_digits(fraction);
        if !fits {
            return Err(wrong());
        }
        let digits = format!("0{whole}{fraction:0<PLACES$}");
        digits.parse::<i128>().map(|size| Self(sign * size)).map_err(|_| wrong())
    }
}

/// As `unit_amount_decimal` is written: `1500`, `0.5`.
impl fmt::Display for UnitAmount {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, size) = if self.0 < 0 { ("-", -self.0) } else { ("", self.0) };
        write!(formatter, "{sign}{}", size / ONE)?;
        let fraction = format!("{:0PLACES$}", size % ONE);
        match fraction.trim_end_matches('0') {
            "" => Ok(()),
            fraction => write!(formatter, ".{fraction}"),
        }
    }
}

impl Serialize for UnitAmount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.whole() {
            Some(whole) => serializer.serialize_i64(whole),
            None => serializer.collect_str(self),
        }
    }
}

impl<'de> Deserialize<'de> for UnitAmount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Whole(i64),
            Decimal(String),
        }
        match Written::deserialize(deserializer)? {
            Written::Whole(whole) => Ok(whole.into()),
            Written::Decimal(text) => text.parse().map_err(de::Error::custom),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(text: &str) -> UnitAmount {
        text.parse().unwrap()
    }

    #[test]
    fn a_sum_is_rounded_once_and_halves_go_away_from_zero() {
        assert_eq!(amount("0.5").times(1, "usd"), 1);
        assert_eq!(amount("0.5").times(3, "usd"), 2);
        assert_eq!(amount("0.49").times(1, "usd"), 0);
        assert_eq!(amount("-0.5").times(1, "usd"), -1);
        assert_eq!(amount("0.1").times(1_000_000, "usd"), 100_000);
        assert_eq!(amount("0.000000000001").times(1_000_000_000_000, "usd"), 1);
        // No last digit in dinars, no hundredths of a shilling.
        assert_eq!(amount("12.5").times(1, "kwd"), 10);
        assert_eq!(amount("149.9").times(1, "ugx"), 100);
    }

    #[test]
    fn a_sum_that_no_amount_can_hold_is_cut() {
        assert_eq!(amount("999999999999").times(u64::MAX, "usd"), BEYOND);
    }

    #[test]
    fn a_decimal_is_written_as_short_as_it_can_be() {
        for (text, written) in
            [("1500", "1500"), ("0.50", "0.5"), (".5", "0.5"), ("5.", "5"), ("-0.25", "-0.25")]
        {
            assert_eq!(amount(text).to_string(), written);
        }
        for wrong in ["", ".", "-", "1e3", "+1", "0.1234567890123", "1234567890123", "1,5", "0.5.5", "٣"] {
            assert!(wrong.parse::<UnitAmount>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_whole_minor_units_are_an_amount() {
        assert_eq!(amount("20.0").whole(), Some(20));
        assert_eq!(amount("20.5").whole(), None);
    }

    #[test]
    fn people_read_it_in_major_units() {
        assert_eq!(amount("2000").plain("usd"), "20.00 USD");
        assert_eq!(amount("0.5").plain("usd"), "0.005 USD");
        assert_eq!(amount("1500").plain("jpy"), "1500 JPY");
        assert_eq!(amount("0.5").plain("jpy"), "0.5 JPY");
        assert_eq!(amount("-6000").plain("kwd"), "-6.000 KWD");
    }

    #[test]
    fn what_was_kept_as_a_whole_number_is_read() {
        for text in ["2000", "\"0.5\""] {
            let read: UnitAmount = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&read).unwrap(), text);
        }
    }
}
