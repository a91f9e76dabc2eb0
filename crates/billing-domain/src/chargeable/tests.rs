use proptest::prelude::*;

use super::*;
use crate::PriceTerms;

fn money(minor_units: i64, currency: &str) -> Money {
    Money::new(minor_units, Currency::parse(currency).unwrap())
}

fn chargeable() -> Vec<Currency> {
    Currency::all().filter(|currency| Chargeable::of(*currency).is_some()).collect()
}

fn codes(currencies: impl Iterator<Item = Currency>) -> Vec<&'static str> {
    let mut codes: Vec<_> = currencies.map(Currency::code).collect();
    codes.sort_unstable();
    codes
}

#[test]
fn each_presentment_currency_has_stripes_decimals_and_zeros() {
    assert_eq!(chargeable().len(), 137);
    let with = |decimals, zeros| -> Vec<_> {
        let same = UNITS.iter().filter(|(unit, _)| (unit.decimals, unit.zeros) == (decimals, zeros));
        codes(same.flat_map(|(_, codes)| codes.iter().map(|code| Currency::parse(code).unwrap())))
    };
    let words = |text: &'static str| -> Vec<_> { text.split_whitespace().collect() };
    assert_eq!(with(0, 0), words("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF"));
    assert_eq!(with(2, 2), words("ISK UGX"));
    assert_eq!(with(3, 1), words("BHD JOD KWD OMR TND"));
    assert_eq!(with(2, 0).len(), 115);
}

#[test]
fn only_isk_ugx_and_mga_have_other_decimals_at_stripe_than_in_iso_4217() {
    let scaled =
        |currency: &Currency| Chargeable::of(*currency).is_some_and(|it| (it.factor, it.divisor) != (1, 1));
    assert_eq!(codes(Currency::all().filter(scaled)), ["ISK", "MGA", "UGX"]);
}

#[test]
fn every_other_currency_of_iso_4217_is_refused() {
    let refused = Currency::all().filter(|currency| {
        let told = Money::new(1_000, *currency).stripe_amount();
        assert_eq!(currency.check_chargeable().is_err(), told == Err(Unchargeable::Currency(*currency)));
        told == Err(Unchargeable::Currency(*currency))
    });
    assert_eq!(
        codes(refused),
        [
            "BTN", "CLF", "CUP", "ERN", "GHS", "IQD", "IRR", "KPW", "LYD", "MRU", "SDG", "SSP", "STN", "SVC",
            "SYP", "TMT", "UYW", "VED", "VES", "ZWG",
        ]
    );
    assert_eq!(
        money(12_345, "CLF").stripe_amount().unwrap_err().to_string(),
        "Stripe cannot charge CLF. Enter a currency that it can, such as USD."
    );
}

#[test]
fn an_amount_is_converted_to_stripes_unit() {
    for (minor_units, currency, at_stripe) in [
        (1, "USD", 1),
        (1_250, "USD", 1_250),
        (1_200, "JPY", 1_200),
        (4_500, "KWD", 4_500),
        (5, "ISK", 500),
        (1, "UGX", 100),
        (500, "MGA", 5),
        (1_045, "HUF", 1_045),
        (80_045, "TWD", 80_045),
        (0, "EUR", 0),
        (-700, "ISK", -70_000),
    ] {
        assert_eq!(money(minor_units, currency).stripe_amount(), Ok(at_stripe), "{currency}");
    }
}

#[test]
fn an_amount_that_is_too_fine_is_told_what_would_be_taken() {
    for (minor_units, currency, told) in [
        (4_505, "KWD", "Stripe takes KWD amounts whose last digit is 0, such as KWD 4.500."),
        (1, "BHD", "Stripe takes BHD amounts whose last digit is 0, such as BHD 0.010."),
        (123_456, "MGA", "Stripe takes MGA amounts whose last 2 digits are 0, such as MGA 1,234.00."),
        (99, "MGA", "Stripe takes MGA amounts whose last 2 digits are 0, such as MGA 1.00."),
        (-4_505, "KWD", "Stripe takes KWD amounts whose last digit is 0, such as −KWD 4.500."),
    ] {
        assert_eq!(money(minor_units, currency).stripe_amount().unwrap_err().to_string(), told);
    }
}

#[test]
fn the_largest_amount_of_a_currency_is_taken_and_no_more() {
    for (most, currency, told) in [
        (99_999_999, "USD", "$999,999.99"),
        (99_999_999, "KRW", "₩99,999,999"),
        (99_999_990, "KWD", "KWD 99,999.990"),
        (999_999, "ISK", "ISK 999,999"),
        (9_999_999_900, "MGA", "MGA 99,999,999.00"),
        (999_999_999, "INR", "₹9,999,999.99"),
        (9_999_999_999, "JPY", "¥9,999,999,999"),
        (9_999_999_999, "COP", "COP 99,999,999.99"),
        (9_999_999_999, "HUF", "HUF 99,999,999.99"),
        (99_999_999_999, "LBP", "LBP 999,999,999.99"),
        (999_999_999_999, "IDR", "IDR 9,999,999,999.99"),
    ] {
        assert!(money(most, currency).stripe_amount().is_ok(), "{currency}");
        for beyond in [most + 1, i64::MAX, i64::MIN] {
            let refused = money(beyond, currency).stripe_amount().unwrap_err();
            assert_eq!(refused.to_string(), format!("Stripe takes at most {told}."));
        }
    }
}

#[test]
fn no_currency_takes_more_than_the_largest_amount_of_a_price() {
    let most = chargeable().into_iter().map(|currency| Chargeable::of(currency).unwrap().most).max();
    assert_eq!(most, Some(PriceTerms::LARGEST_AMOUNT));
}

proptest! {
    #[test]
    fn what_is_taken_is_the_same_amount_and_within_stripes_digits(
        currency in proptest::sample::select(chargeable()),
        minor_units in 0..2_000_000_000_000_i64,
    ) {
        let amount = Money::new(minor_units, currency);
        let (unit, _) = UNITS.iter().find(|(_, codes)| codes.contains(&currency.code())).unwrap();
        match amount.stripe_amount() {
            Ok(at_stripe) => {
                let same = i128::from(at_stripe) * 10_i128.pow(currency.decimals());
                prop_assert_eq!(same, i128::from(minor_units) * 10_i128.pow(unit.decimals));
                prop_assert!(at_stripe % 10_i64.pow(unit.zeros) == 0);
                prop_assert!(at_stripe.to_string().len() <= digits(currency) as usize);
            }
            Err(Unchargeable::TooLarge { most }) => {
                prop_assert!(most.minor_units() < minor_units && most.stripe_amount().is_ok());
            }
            Err(Unchargeable::TooFine { near, .. }) => prop_assert!(near.stripe_amount().is_ok()),
            Err(Unchargeable::Currency(_)) => prop_assert!(false, "{} is in the table", currency),
        }
    }
}

#[test]
fn an_amount_at_stripe_is_read_in_the_minor_units_of_iso_4217() {
    for (amount, currency, minor_units) in [
        (1_250, "USD", 1_250),
        (-500, "USD", -500),
        (1_200, "JPY", 1_200),
        (50_000, "ISK", 500),
        (-50_000, "UGX", -500),
        (300, "MGA", 30_000),
        (4_505, "KWD", 4_505),
        (i64::MAX, "USD", i64::MAX),
    ] {
        let currency = Currency::parse(currency).unwrap();
        assert_eq!(Money::from_stripe(amount, currency), Ok(Money::new(minor_units, currency)));
    }
}

#[test]
fn an_amount_at_stripe_is_read_exactly_or_not_at_all() {
    for (amount, currency) in [(50_050, "ISK"), (-1, "UGX"), (i64::MAX, "MGA"), (100, "CLF")] {
        let currency = Currency::parse(currency).unwrap();
        assert_eq!(Money::from_stripe(amount, currency), Err(InexactAmount { amount, currency }));
    }
}

proptest! {
    #[test]
    fn an_amount_returns_from_stripe_unchanged(
        currency in proptest::sample::select(chargeable()),
        minor_units in -99_999_999_i64..=99_999_999,
    ) {
        let amount = Money::new(minor_units, currency);
        if let Ok(stripes) = amount.stripe_amount() {
            prop_assert_eq!(Money::from_stripe(stripes, currency), Ok(amount));
        }
    }
}
