use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Currency;

/// An amount in the smallest unit of its currency: cents of USD, whole yen, fils of KWD. Never a float.
///
/// Arithmetic is checked for overflow and mixed currencies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Money {
    minor_units: i64,
    currency: Currency,
}

/// An error of arithmetic on amounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The amounts have different currencies.
    #[error("cannot combine {left} with {right}")]
    CurrencyMismatch {
        /// The currency of the left amount.
        left: Currency,
        /// The currency of the right amount.
        right: Currency,
    },
    /// The result does not fit 64 bits.
    #[error("the amount is too large")]
    Overflow,
}

/// The text is not an amount. Displayed as a sentence that says what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAmount {
    /// The text is empty.
    #[error("Enter an amount, such as 12.50.")]
    Missing,
    /// The text has characters other than digits and one point.
    #[error("Write the amount with a point, such as 12.50.")]
    NotANumber,
    /// The amount has more decimals than the currency.
    #[error("{}", decimals_of(.0))]
    TooManyDecimals(Currency),
    /// The amount does not fit 64 bits.
    #[error("Enter a smaller amount.")]
    TooLarge,
}

fn decimals_of(currency: &Currency) -> String {
    match currency.decimals() {
        0 => format!("Write the amount without decimals: {currency} has none."),
        decimals => format!("Use at most {decimals} decimals for {currency}."),
    }
}

/// The digits before and after the point.
fn parts(text: &str) -> Result<(&str, &str), InvalidAmount> {
    let text = text.trim();
    let (major, minor) = text.split_once('.').unwrap_or((text, ""));
    let are_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let ends_in_a_point = text.contains('.') && minor.is_empty();
    if text.is_empty() {
        return Err(InvalidAmount::Missing);
    }
    if major.is_empty() || ends_in_a_point || !are_digits(major) || !are_digits(minor) {
        return Err(InvalidAmount::NotANumber);
    }
    Ok((major, minor))
}

impl Money {
    /// Checks an amount whose currency is not known: it may still have too many decimals.
    ///
    /// # Errors
    /// [`InvalidAmount::Missing`] and [`InvalidAmount::NotANumber`].
    pub fn check_written(text: &str) -> Result<(), InvalidAmount> {
        parts(text).map(|_| ())
    }

    /// Parses an amount in major units with a point: `12.50`. Exact: more decimals than the currency has are refused,
    /// even zeros.
    ///
    /// # Errors
    /// [`InvalidAmount`].
    pub fn parse(text: &str, currency: Currency) -> Result<Self, InvalidAmount> {
        let (major, minor) = parts(text)?;
        let decimals = currency.decimals() as usize;
        if minor.len() > decimals {
            return Err(InvalidAmount::TooManyDecimals(currency));
        }
        let digits = format!("{major}{minor:0<decimals$}");
        let minor_units = digits.parse().map_err(|_| InvalidAmount::TooLarge)?;
        Ok(Self::new(minor_units, currency))
    }

    /// An amount of `minor_units` of the currency; a credit when negative.
    #[must_use]
    pub fn new(minor_units: i64, currency: Currency) -> Self {
        Self { minor_units, currency }
    }

    /// The amount in the smallest unit of the currency.
    #[must_use]
    pub fn minor_units(self) -> i64 {
        self.minor_units
    }

    /// The amount in major units, as [`parse`](Self::parse) reads it: `12.50`. A credit has a minus.
    #[must_use]
    pub fn in_major_units(self) -> String {
        let (digits, decimals) = (self.minor_units.unsigned_abs(), self.currency.decimals());
        let unit = 10_u64.pow(decimals);
        let sign = if self.minor_units < 0 { "-" } else { "" };
        match decimals {
            0 => format!("{sign}{digits}"),
            _ => format!(
                "{sign}{major}.{minor:0width$}",
                major = digits / unit,
                minor = digits % unit,
                width = decimals as usize
            ),
        }
    }

    /// The currency.
    #[must_use]
    pub fn currency(self) -> Currency {
        self.currency
    }

    /// The amount in units of the currency, with all its decimals and nothing else: `1400.00`, `1200`, `-5.00`. For
    /// machines; people read the `Display` form.
    #[must_use]
    pub fn to_decimal(self) -> String {
        let (digits, decimals) = (self.minor_units.unsigned_abs(), self.currency.decimals());
        let unit = 10_u64.pow(decimals);
        let sign = if self.minor_units < 0 { "-" } else { "" };
        let major = digits / unit;
        if decimals == 0 {
            return format!("{sign}{major}");
        }
        format!("{sign}{major}.{minor:0width$}", minor = digits % unit, width = decimals as usize)
    }

    /// The sum.
    ///
    /// # Errors
    /// [`MoneyError`] on different currencies or overflow.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, i64::checked_add)
    }

    /// The difference.
    ///
    /// # Errors
    /// [`MoneyError`] on different currencies or overflow.
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, i64::checked_sub)
    }

    /// The amount multiplied by `times`.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn checked_mul(self, times: i64) -> Result<Self, MoneyError> {
        let minor_units = self.minor_units.checked_mul(times).ok_or(MoneyError::Overflow)?;
        Ok(Self { minor_units, ..self })
    }

    fn combine(self, other: Self, operation: fn(i64, i64) -> Option<i64>) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::CurrencyMismatch { left: self.currency, right: other.currency });
        }
        let minor_units = operation(self.minor_units, other.minor_units).ok_or(MoneyError::Overflow)?;
        Ok(Self { minor_units, ..self })
    }
}

/// The amount as people write it, with the currency's number of decimals and its thousands separated: `$1,400.00`,
/// `¥1,200`, `KWD 4.500`, `−$5.00`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.minor_units < 0 {
            f.write_str("\u{2212}")?;
        }
        match symbol(self.currency) {
            Some(symbol) => f.write_str(symbol)?,
            None => write!(f, "{} ", self.currency)?,
        }
        let (digits, decimals) = (self.minor_units.unsigned_abs(), self.currency.decimals());
        let unit = 10_u64.pow(decimals);
        let major = (digits / unit).to_string();
        for (position, digit) in major.char_indices() {
            if position > 0 && (major.len() - position).is_multiple_of(3) {
                f.write_str(",")?;
            }
            write!(f, "{digit}")?;
        }
        if decimals == 0 {
            return Ok(());
        }
        write!(f, ".{minor:0width$}", minor = digits % unit, width = decimals as usize)
    }
}

/// The symbol of a currency that is not taken for another one's.
fn symbol(currency: Currency) -> Option<&'static str> {
    match currency.code() {
        "EUR" => Some("€"),
        "GBP" => Some("£"),
        "ILS" => Some("₪"),
        "INR" => Some("₹"),
        "JPY" => Some("¥"),
        "KRW" => Some("₩"),
        "NGN" => Some("₦"),
        "PHP" => Some("₱"),
        "TRY" => Some("₺"),
        "UAH" => Some("₴"),
        "USD" => Some("$"),
        "VND" => Some("₫"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn money(minor_units: i64, currency: &str) -> Money {
        Money::new(minor_units, Currency::parse(currency).unwrap())
    }

    #[test]
    fn an_amount_is_displayed_as_people_write_it() {
        for (minor_units, currency, written) in [
            (1_250, "USD", "$12.50"),
            (140_000, "USD", "$1,400.00"),
            (99_999, "EUR", "€999.99"),
            (1_200, "JPY", "¥1,200"),
            (999, "KRW", "₩999"),
            (1_234_567, "VND", "₫1,234,567"),
            (4_500, "KWD", "KWD 4.500"),
            (1_250, "CAD", "CAD 12.50"),
            (12_345_678, "CLF", "CLF 1,234.5678"),
            (0, "TRY", "₺0.00"),
            (-500, "USD", "−$5.00"),
            (-5, "GBP", "−£0.05"),
            (-100_000, "KWD", "−KWD 100.000"),
            (i64::MIN, "USD", "−$92,233,720,368,547,758.08"),
        ] {
            assert_eq!(money(minor_units, currency).to_string(), written);
        }
    }

    #[test]
    fn an_amount_for_machines_has_the_currencys_decimals() {
        for (minor_units, currency, written) in [
            (140_000, "USD", "1400.00"),
            (-5, "USD", "-0.05"),
            (0, "EUR", "0.00"),
            (1_200, "JPY", "1200"),
            (-1_200, "JPY", "-1200"),
            (4_500, "KWD", "4.500"),
            (i64::MIN, "USD", "-92233720368547758.08"),
        ] {
            assert_eq!(money(minor_units, currency).to_decimal(), written);
        }
    }

    #[test]
    fn no_two_currencies_share_a_symbol() {
        let mut symbols: Vec<_> = Currency::all().filter_map(symbol).collect();
        let listed = symbols.len();
        symbols.sort_unstable();
        symbols.dedup();
        assert_eq!((symbols.len(), listed), (12, 12));
    }

    #[test]
    fn a_typed_amount_is_parsed_exactly() {
        for (text, currency, minor_units) in [
            ("12.50", "USD", 1_250),
            (" 12.5 ", "USD", 1_250),
            ("12", "USD", 1_200),
            ("0.01", "USD", 1),
            ("007.10", "USD", 710),
            ("1200", "JPY", 1_200),
            ("4.500", "KWD", 4_500),
            ("4.5", "KWD", 4_500),
            ("92233720368547758.07", "USD", i64::MAX),
        ] {
            assert_eq!(
                Money::parse(text, Currency::parse(currency).unwrap()),
                Ok(money(minor_units, currency))
            );
        }
    }

    #[test]
    fn an_invalid_amount_is_refused_with_its_reason() {
        let usd = Currency::parse("USD").unwrap();
        let not_numbers = [
            ".", "12.", ".5", "12,50", "1,200.00", "-1", "+1", "1e3", "12.5.0", "$12", "12 50", "１２", "NaN",
        ];
        for text in not_numbers {
            assert_eq!(Money::parse(text, usd), Err(InvalidAmount::NotANumber), "{text:?}");
            assert_eq!(Money::check_written(text), Err(InvalidAmount::NotANumber), "{text:?}");
        }
        for blank in ["", " \t"] {
            assert_eq!(Money::parse(blank, usd), Err(InvalidAmount::Missing));
            assert_eq!(Money::check_written(blank), Err(InvalidAmount::Missing));
        }
        assert_eq!(Money::check_written(" 12.50505 "), Ok(()));
        let yen = Currency::parse("JPY").unwrap();
        assert_eq!(Money::parse("12.505", usd), Err(InvalidAmount::TooManyDecimals(usd)));
        assert_eq!(Money::parse("12.0", yen), Err(InvalidAmount::TooManyDecimals(yen)));
        for (error, told) in [
            (InvalidAmount::Missing, "Enter an amount, such as 12.50."),
            (InvalidAmount::NotANumber, "Write the amount with a point, such as 12.50."),
            (InvalidAmount::TooManyDecimals(yen), "Write the amount without decimals: JPY has none."),
            (InvalidAmount::TooManyDecimals(usd), "Use at most 2 decimals for USD."),
            (InvalidAmount::TooLarge, "Enter a smaller amount."),
        ] {
            assert_eq!(error.to_string(), told);
        }
        assert_eq!(Money::parse("92233720368547758.08", usd), Err(InvalidAmount::TooLarge));
    }

    #[test]
    fn amounts_of_different_currencies_cannot_be_combined() {
        let mismatch = money(1, "USD").checked_add(money(1, "EUR")).unwrap_err();
        assert_eq!(mismatch.to_string(), "cannot combine USD with EUR");
        assert!(money(1, "USD").checked_sub(money(1, "EUR")).is_err());
    }

    #[test]
    fn an_overflow_is_refused() {
        assert_eq!(money(i64::MAX, "USD").checked_add(money(1, "USD")), Err(MoneyError::Overflow));
        assert_eq!(money(i64::MIN, "USD").checked_sub(money(1, "USD")), Err(MoneyError::Overflow));
        assert_eq!(money(i64::MAX, "USD").checked_mul(2), Err(MoneyError::Overflow));
    }

    #[test]
    fn the_wire_form_is_minor_units_and_a_code() {
        let wire = serde_json::json!({ "minorUnits": 1250, "currency": "USD" });
        assert_eq!(serde_json::to_value(money(1_250, "USD")).unwrap(), wire);
        assert_eq!(serde_json::from_value::<Money>(wire).unwrap(), money(1_250, "USD"));
    }

    proptest! {
        #[test]
        fn an_amount_in_major_units_is_parsed_again(minor_units in 0..=i64::MAX, currency in "USD|JPY|KWD|CLF") {
            let amount = money(minor_units, &currency);
            prop_assert_eq!(Money::parse(&amount.in_major_units(), amount.currency()), Ok(amount));
        }

        #[test]
        fn a_displayed_amount_keeps_its_digits(minor_units in 0..=i64::MAX, currency in "USD|JPY|KWD|CLF|CAD") {
            let amount = money(minor_units, &currency);
            let digits: String =
                amount.to_string().chars().filter(|it| it.is_ascii_digit() || *it == '.').collect();
            prop_assert_eq!(Money::parse(&digits, amount.currency()), Ok(amount));
        }

        #[test]
        fn adding_and_subtracting_the_same_amount_cancels_out(a in -1_000_000_000_i64..1_000_000_000, b in -1_000_000_000_i64..1_000_000_000) {
            let sum = money(a, "KWD").checked_add(money(b, "KWD")).unwrap();
            prop_assert_eq!(sum.checked_sub(money(b, "KWD")).unwrap(), money(a, "KWD"));
        }

        #[test]
        fn multiplying_is_repeated_addition(a in -1_000_000_i64..1_000_000, times in 0_i64..50) {
            let mut sum = money(0, "USD");
            for _ in 0..times {
                sum = sum.checked_add(money(a, "USD")).unwrap();
            }
            prop_assert_eq!(money(a, "USD").checked_mul(times).unwrap(), sum);
        }
    }
}
