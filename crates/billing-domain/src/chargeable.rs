//! The amounts that Stripe can charge.
//!
//! Source: <https://docs.stripe.com/currencies>. The presentment currencies, the number of decimals and the special
//! cases are those of July 2026. The rule for three decimals and the larger maxima of some currencies are those of
//! 2025; since 2026 the page gives cards twelve digits in every currency and other means of payment eight. Eight is
//! the general maximum here, since every means of payment takes it.

use std::fmt;

use crate::{Currency, Money};

/// Stripe cannot charge the amount. Displayed as a sentence with what would be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unchargeable {
    /// The currency is none of Stripe's presentment currencies.
    Currency(Currency),
    /// The amount has too many digits.
    TooLarge {
        /// The largest amount in the currency.
        most: Money,
    },
    /// The amount is finer than Stripe's unit of the currency.
    TooFine {
        /// The number of last digits that must be 0.
        zeros: u32,
        /// A chargeable amount nearby.
        near: Money,
    },
}

impl fmt::Display for Unchargeable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Currency(currency) => {
                write!(f, "Stripe cannot charge {currency}. Enter a currency that it can, such as USD.")
            }
            Self::TooLarge { most } => {
                write!(f, "Stripe takes at most {most}.")
            }
            Self::TooFine { zeros, near } => {
                write!(f, "Stripe takes {} amounts whose last ", near.currency())?;
                if zeros == 1 { f.write_str("digit is") } else { write!(f, "{zeros} digits are") }?;
                write!(f, " 0, such as {near}.")
            }
        }
    }
}

/// The amounts of a currency at Stripe.
struct Unit {
    /// The number of decimals at Stripe.
    decimals: u32,
    /// The number of last digits at Stripe that must be 0.
    zeros: u32,
}

/// Stripe's presentment currencies, without ANG and STD, which are not in ISO 4217 any more.
const UNITS: [(Unit, &[&str]); 4] = [
    (
        Unit { decimals: 0, zeros: 0 },
        &[
            "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF",
            "XPF",
        ],
    ),
    (
        Unit { decimals: 2, zeros: 0 },
        &[
            "AED", "AFN", "ALL", "AMD", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT", "BMD", "BND",
            "BOB", "BRL", "BSD", "BWP", "BYN", "BZD", "CAD", "CDF", "CHF", "CNY", "COP", "CRC", "CVE", "CZK",
            "DKK", "DOP", "DZD", "EGP", "ETB", "EUR", "FJD", "FKP", "GBP", "GEL", "GIP", "GMD", "GTQ", "GYD",
            "HKD", "HNL", "HTG", "HUF", "IDR", "ILS", "INR", "JMD", "KES", "KGS", "KHR", "KYD", "KZT", "LAK",
            "LBP", "LKR", "LRD", "LSL", "MAD", "MDL", "MKD", "MMK", "MNT", "MOP", "MUR", "MVR", "MWK", "MXN",
            "MYR", "MZN", "NAD", "NGN", "NIO", "NOK", "NPR", "NZD", "PAB", "PEN", "PGK", "PHP", "PKR", "PLN",
            "QAR", "RON", "RSD", "RUB", "SAR", "SBD", "SCR", "SEK", "SGD", "SHP", "SLE", "SOS", "SRD", "SZL",
            "THB", "TJS", "TOP", "TRY", "TTD", "TWD", "TZS", "UAH", "USD", "UYU", "UZS", "WST", "XCD", "XCG",
            "YER", "ZAR", "ZMW",
        ],
    ),
    // They had decimals once. (HUF and TWD are whole in payouts only.)
    (Unit { decimals: 2, zeros: 2 }, &["ISK", "UGX"]),
    (Unit { decimals: 3, zeros: 1 }, &["BHD", "JOD", "KWD", "OMR", "TND"]),
];

/// The maximum number of digits of an amount at Stripe.
fn digits(currency: Currency) -> u32 {
    match currency.code() {
        "IDR" => 12,
        "LBP" => 11,
        "COP" | "HUF" | "JPY" => 10,
        "INR" => 9,
        _ => 8,
    }
}

/// The amounts of a currency that Stripe can charge, in ISO 4217's minor units.
struct Chargeable {
    /// The number of last digits that must be 0.
    zeros: u32,
    most: i64,
    /// The factor and divisor to Stripe's unit.
    factor: i64,
    divisor: i64,
}

impl Chargeable {
    fn of(currency: Currency) -> Option<Self> {
        let (unit, _) = UNITS.iter().find(|(_, codes)| codes.contains(&currency.code()))?;
        // At most one of the two differences is not 0.
        let finer = unit.decimals.saturating_sub(currency.decimals());
        let coarser = currency.decimals().saturating_sub(unit.decimals);
        let (factor, divisor) = (10_i64.pow(finer), 10_i64.pow(coarser));
        let zeros = unit.zeros.saturating_sub(finer) + coarser;
        let most = 10_i64.pow(digits(currency) + coarser - finer) - 1;
        Some(Self { zeros, most: most - most % 10_i64.pow(zeros), factor, divisor })
    }
}

impl Currency {
    /// Checks that Stripe can charge amounts in the currency.
    ///
    /// # Errors
    /// [`Unchargeable::Currency`].
    pub fn check_chargeable(self) -> Result<(), Unchargeable> {
        Chargeable::of(self).map(|_| ()).ok_or(Unchargeable::Currency(self))
    }

    /// The smallest difference between two amounts that Stripe can charge, in minor units.
    #[must_use]
    pub fn charge_step(self) -> i64 {
        Chargeable::of(self).map_or(1, |chargeable| 10_i64.pow(chargeable.zeros))
    }
}

impl Money {
    /// The amount in Stripe's unit of the currency, exactly; a credit stays negative. Stripe's minimum is not checked:
    /// it holds for the total of a checkout.
    ///
    /// ```
    /// use billing_domain::{Currency, Money};
    ///
    /// let kronur = Money::new(500, Currency::parse("ISK")?);
    /// assert_eq!(kronur.stripe_amount(), Ok(50_000));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Unchargeable`].
    pub fn stripe_amount(self) -> Result<i64, Unchargeable> {
        let (minor_units, currency) = (self.minor_units(), self.currency());
        let Chargeable { zeros, most, factor, divisor } =
            Chargeable::of(currency).ok_or(Unchargeable::Currency(currency))?;
        if !(-most..=most).contains(&minor_units) {
            return Err(Unchargeable::TooLarge { most: Self::new(most, currency) });
        }
        let step = 10_i64.pow(zeros);
        if minor_units % step != 0 {
            let below = minor_units - minor_units % step;
            let near = Self::new(if below == 0 { step } else { below }, currency);
            return Err(Unchargeable::TooFine { zeros, near });
        }
        Ok(minor_units * factor / divisor)
    }

    /// The amount of an object at Stripe, exactly; a credit is negative. The inverse of
    /// [`stripe_amount`](Self::stripe_amount), without its limits: totals may be larger than what can be charged at
    /// once.
    ///
    /// ```
    /// use billing_domain::{Currency, Money};
    ///
    /// let isk = Currency::parse("ISK")?;
    /// assert_eq!(Money::from_stripe(50_000, isk), Ok(Money::new(500, isk)));
    /// assert!(Money::from_stripe(50_050, isk).is_err(), "the krona has no decimals");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`InexactAmount`].
    pub fn from_stripe(amount: i64, currency: Currency) -> Result<Self, InexactAmount> {
        let inexact = InexactAmount { amount, currency };
        let Chargeable { factor, divisor, .. } = Chargeable::of(currency).ok_or(inexact)?;
        if amount % factor != 0 {
            return Err(inexact);
        }
        let minor_units = (amount / factor).checked_mul(divisor).ok_or(inexact)?;
        Ok(Self::new(minor_units, currency))
    }
}

/// An amount at Stripe that is no whole number of the currency's minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{amount} of Stripe's units of {currency} are no whole number of its minor units")]
pub struct InexactAmount {
    /// The amount in Stripe's unit.
    pub amount: i64,
    /// The currency.
    pub currency: Currency,
}

#[cfg(test)]
mod tests;
