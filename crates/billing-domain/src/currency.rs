use std::fmt;

use serde::{Deserialize, Serialize};

/// A currency of ISO 4217 with its number of decimals.
///
/// The decimals are the standard's. Stripe's differ for a few (ISK and UGX have two there, MGA none):
/// [`Money::stripe_amount`](crate::Money::stripe_amount) converts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency {
    code: IsoCode,
    decimals: u32,
}

/// An alias because serde's derive treats a field of type `&'static str` as borrowed from its input.
type IsoCode = &'static str;

/// The text is not the code of a currency in circulation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Enter a currency that Stripe can charge, such as USD.")]
pub struct UnknownCurrency;

/// ISO 4217 list one by number of decimals, without funds codes, metals and test codes. A code withdrawn from the
/// standard stays: amounts in it are stored.
const BY_DECIMALS: [(u32, &[&str]); 4] = [
    (
        0,
        &[
            "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF",
            "XOF", "XPF",
        ],
    ),
    (
        2,
        &[
            "AED", "AFN", "ALL", "AMD", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT", "BMD", "BND",
            "BOB", "BRL", "BSD", "BTN", "BWP", "BYN", "BZD", "CAD", "CDF", "CHF", "CNY", "COP", "CRC", "CUP",
            "CVE", "CZK", "DKK", "DOP", "DZD", "EGP", "ERN", "ETB", "EUR", "FJD", "FKP", "GBP", "GEL", "GHS",
            "GIP", "GMD", "GTQ", "GYD", "HKD", "HNL", "HTG", "HUF", "IDR", "ILS", "INR", "IRR", "JMD", "KES",
            "KGS", "KHR", "KPW", "KYD", "KZT", "LAK", "LBP", "LKR", "LRD", "LSL", "MAD", "MDL", "MGA", "MKD",
            "MMK", "MNT", "MOP", "MRU", "MUR", "MVR", "MWK", "MXN", "MYR", "MZN", "NAD", "NGN", "NIO", "NOK",
            "NPR", "NZD", "PAB", "PEN", "PGK", "PHP", "PKR", "PLN", "QAR", "RON", "RSD", "RUB", "SAR", "SBD",
            "SCR", "SDG", "SEK", "SGD", "SHP", "SLE", "SOS", "SRD", "SSP", "STN", "SVC", "SYP", "SZL", "THB",
            "TJS", "TMT", "TOP", "TRY", "TTD", "TWD", "TZS", "UAH", "USD", "UYU", "UZS", "VED", "VES", "WST",
            "XCD", "XCG", "YER", "ZAR", "ZMW", "ZWG",
        ],
    ),
    (3, &["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"]),
    (4, &["CLF", "UYW"]),
];

impl Currency {
    /// Parses an ISO 4217 code in either case; Stripe uses lower case.
    ///
    /// # Errors
    /// [`UnknownCurrency`].
    pub fn parse(code: &str) -> Result<Self, UnknownCurrency> {
        Self::all().find(|known| known.code.eq_ignore_ascii_case(code)).ok_or(UnknownCurrency)
    }

    /// Every known currency. Stripe cannot charge all of them.
    pub fn all() -> impl Iterator<Item = Self> {
        let of = |(decimals, codes): &(u32, &'static [IsoCode])| {
            let decimals = *decimals;
            codes.iter().map(move |code| Self { code, decimals })
        };
        BY_DECIMALS.iter().flat_map(of)
    }

    /// The code in upper case.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.code
    }

    /// The number of decimals of the minor unit: 2 for USD, 0 for JPY, 3 for KWD.
    #[must_use]
    pub fn decimals(self) -> u32 {
        self.decimals
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)
    }
}

text_forms!(Currency, UnknownCurrency);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_currency_has_the_decimals_of_iso_4217() {
        for (code, decimals) in
            [("USD", 2), ("EUR", 2), ("JPY", 0), ("KRW", 0), ("KWD", 3), ("TND", 3), ("CLF", 4)]
        {
            assert_eq!(Currency::parse(code).unwrap().decimals(), decimals, "{code}");
        }
    }

    #[test]
    fn a_currency_code_is_parsed_in_either_case() {
        assert_eq!(Currency::parse("usd").unwrap().code(), "USD");
        assert_eq!(Currency::parse("usd").unwrap(), Currency::parse("USD").unwrap());
    }

    #[test]
    fn an_unknown_currency_is_refused() {
        for text in ["", "US", "USDT", "XXX", "€", "12"] {
            assert_eq!(Currency::parse(text), Err(UnknownCurrency), "{text:?}");
        }
    }

    #[test]
    fn no_code_is_listed_twice() {
        let mut codes: Vec<_> = Currency::all().map(Currency::code).collect();
        let listed = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), listed);
    }
}
