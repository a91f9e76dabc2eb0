//! Currencies and how finely their amounts are told.

use crate::wire::ApiError;

/// Those without minor units, and those with a thousand of them, as Stripe lists them.
const ZERO_DECIMALS: [&str; 15] =
    ["bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf"];
const THREE_DECIMALS: [&str; 5] = ["bhd", "jod", "kwd", "omr", "tnd"];
/// Written with two decimals that must be zero: they had decimals once, and Stripe's API still gives them two. What it
/// says of HUF and TWD is about payouts only.
const WHOLE_UNITS: [&str; 2] = ["isk", "ugx"];
const TWO_DECIMALS: &str = "aed afn all amd ang aoa ars aud awg azn bam bbd bdt bmd bnd bob brl bsd bwp byn bzd cad \
    cdf chf cny cop crc cve czk dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gtq gyd hkd hnl htg huf idr ils inr isk \
    jmd kes kgs khr kyd kzt lak lbp lkr lrd lsl mad mdl mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd \
    pab pen pgk php pkr pln qar ron rsd rub sar sbd scr sek sgd shp sle sos srd std szl thb tjs top try ttd twd tzs uah ugx \
    usd uyu uzs wst xcd yer zar zmw";

pub fn decimals(currency: &str) -> u32 {
    match currency {
        _ if ZERO_DECIMALS.contains(&currency) => 0,
        _ if THREE_DECIMALS.contains(&currency) => 3,
        _ => 2,
    }
}

/// The smallest step of an amount: card networks take no last digit in three-decimal currencies.
pub fn step(currency: &str) -> i64 {
    match currency {
        _ if WHOLE_UNITS.contains(&currency) => 100,
        _ if decimals(currency) == 3 => 10,
        _ => 1,
    }
}

/// # Errors
///
/// An amount that is finer than the currency's cards take.
pub fn check_step(amount: i64, currency: &str) -> Result<(), ApiError> {
    let (step, upper) = (step(currency), currency.to_uppercase());
    if amount % step == 0 {
        return Ok(());
    }
    let message = format!("Invalid amount. Amounts in {upper} must be evenly divisible by {step}.");
    let error = ApiError::invalid(message);
    Err(if step == 100 { error.coded("invalid_charge_amount_no_decimal_compatible") } else { error })
}

/// # Errors
///
/// It is no currency that Stripe takes.
pub fn checked(currency: &str, param: &str) -> Result<String, ApiError> {
    let lower = currency.to_lowercase();
    let known = lower.len() == 3
        && (ZERO_DECIMALS.contains(&lower.as_str())
            || THREE_DECIMALS.contains(&lower.as_str())
            || TWO_DECIMALS.split_whitespace().any(|it| it == lower));
    if known {
        Ok(lower)
    } else {
        let message =
            format!("Invalid currency: {currency}. Use a three-letter ISO 4217 code that Stripe supports.");
        Err(ApiError::invalid(message).about(param).before_execution())
    }
}

/// The least that can be charged. As Stripe lists them; for other currencies it goes by the rate of the day.
pub fn least_charge(currency: &str) -> i64 {
    match currency {
        "aud" | "brl" | "cad" | "chf" | "eur" | "inr" | "jpy" | "nzd" | "sgd" | "usd" => 50,
        "aed" | "myr" | "pln" | "ron" => 200,
        "gbp" => 30,
        "dkk" => 250,
        "nok" | "sek" => 300,
        "hkd" => 400,
        "mxn" | "thb" => 1000,
        "czk" => 1500,
        "huf" => 17_500,
        _ => 1,
    }
}

/// The part of `amount` that falls on `seconds` of `whole`, to the nearest step, halves away from zero.
pub fn portion(amount: i64, seconds: i64, whole: i64, currency: &str) -> i64 {
    if whole <= 0 {
        return 0;
    }
    let step = i128::from(step(currency));
    let (product, divisor) = (i128::from(amount) * i128::from(seconds), i128::from(whole) * step);
    let half = if product < 0 { -divisor / 2 } else { divisor / 2 };
    i64::try_from((product + half) / divisor * step).unwrap_or(0)
}

/// Takes `off` from parts in proportion to them; the last one takes what rounding left over.
pub fn spread(off: i64, parts: &[i64], currency: &str) -> Vec<i64> {
    let mut base = parts.iter().fold(0_i64, |sum, part| sum.saturating_add(*part));
    let mut rest = off;
    let of = |part: &i64| {
        let taken = portion(rest, *part, base, currency).min(*part);
        base = base.saturating_sub(*part);
        rest -= taken;
        taken
    };
    parts.iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_portion_is_rounded_to_the_nearest_step_of_its_currency() {
        // 10 of 31 days of 20.00: 645.16.
        assert_eq!(portion(2000, 10, 31, "usd"), 645);
        assert_eq!(portion(-2000, 10, 31, "usd"), -645);
        // 6.000 dinars: 1935.48, and no last digit.
        assert_eq!(portion(6000, 10, 31, "kwd"), 1940);
        assert_eq!(portion(1, 1, 2, "jpy"), 1);
        assert_eq!(portion(-1, 1, 2, "jpy"), -1);
    }

    #[test]
    fn a_currency_of_whole_units_keeps_two_decimals_that_are_zero() {
        for currency in ["isk", "ugx"] {
            assert_eq!((decimals(currency), step(currency)), (2, 100));
            assert!(check_step(500, currency).is_ok());
            let code = check_step(550, currency).unwrap_err().code;
            assert_eq!(code, Some("invalid_charge_amount_no_decimal_compatible"));
            assert_eq!(portion(1000, 1, 3, currency), 300);
        }
        // Their payouts are whole units, and what is charged is not.
        assert!(check_step(550, "huf").is_ok() && check_step(550, "twd").is_ok());
    }

    #[test]
    fn what_is_taken_off_is_spread_without_loss() {
        assert_eq!(spread(100, &[100, 100, 100], "usd"), [33, 34, 33]);
        assert_eq!(spread(50, &[0, 30, 20], "jpy"), [0, 30, 20]);
        assert_eq!(spread(0, &[], "usd"), [0_i64; 0]);
    }

    #[test]
    fn a_word_that_is_no_currency_is_refused() {
        assert_eq!(checked("USD", "currency").unwrap(), "usd");
        assert!(checked("us", "currency").is_err());
        assert!(checked("zzz", "currency").is_err());
    }
}
