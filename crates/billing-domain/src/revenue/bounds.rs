//! The smallest and the largest amounts that Stripe takes in each currency, all the way from a price to the revenue.

use proptest::prelude::*;
use proptest::sample::select;

use crate::{
    BillingInterval, Currency, CurrencyRevenue, Money, Month, PriceTerms, Recurring, RecurringCharge,
    RecurringInterval, RevenueTotal, Timestamp, Unchargeable,
};

/// The subscriptions at one price in these tests.
const SUBSCRIPTIONS: i64 = 10_000;

/// The currencies that Stripe charges, with the smallest and the largest amount of each.
fn bounds() -> Vec<(Money, Money)> {
    let bounds = |currency: Currency| {
        let Err(Unchargeable::TooLarge { most }) = Money::new(i64::MAX, currency).stripe_amount() else {
            return None;
        };
        Some((Money::new(currency.charge_step(), currency), most))
    };
    Currency::all().filter_map(bounds).collect()
}

fn now() -> Timestamp {
    "2026-12-01T00:00:00Z".parse().unwrap()
}

fn twelfths(amount: Money, interval: RecurringInterval) -> i64 {
    let charge = RecurringCharge { minor_units: amount.minor_units(), interval, interval_count: 1 };
    Recurring { currency: amount.currency(), charges: vec![charge], discounts: Vec::new() }.twelfths_at(now())
}

/// The monthly revenue of many subscriptions at a price.
fn revenue(amount: Money, interval: RecurringInterval) -> Money {
    let total = RevenueTotal {
        month: Month::of(now()),
        currency: amount.currency(),
        twelfths: twelfths(amount, interval).checked_mul(SUBSCRIPTIONS).expect("a total fits 64 bits"),
        new: SUBSCRIPTIONS,
        churned: 0,
    };
    let series = CurrencyRevenue::of_totals(amount.currency(), &[total], total.month);
    series.now().expect("a series has twelve months").revenue
}

#[test]
fn every_currency_of_stripe_has_bounds() {
    assert!(bounds().len() > 100, "{}", bounds().len());
    assert!(bounds().iter().all(|(least, most)| least.minor_units() < most.minor_units()));
}

#[test]
fn bounds_pass_from_a_price_to_the_revenue() {
    for (least, most) in bounds() {
        for amount in [least, most] {
            for interval in [BillingInterval::Month, BillingInterval::Year] {
                let terms = PriceTerms::new(amount, interval).unwrap();
                let stripe = terms.amount().stripe_amount().unwrap();
                assert_eq!(Money::from_stripe(stripe, amount.currency()), Ok(amount));
            }
            let monthly = revenue(amount, RecurringInterval::Month);
            assert_eq!(monthly, amount.checked_mul(SUBSCRIPTIONS).unwrap());
            let yearly = revenue(amount, RecurringInterval::Year).minor_units();
            assert_eq!(yearly, (amount.minor_units() * SUBSCRIPTIONS + 6) / 12);
            assert!(!monthly.to_string().is_empty());
        }
        let over = Money::new(most.minor_units() + most.currency().charge_step(), most.currency());
        assert!(matches!(over.stripe_amount(), Err(Unchargeable::TooLarge { .. })));
    }
}

proptest! {
    #[test]
    fn every_amount_between_the_bounds_passes(
        (least, most) in select(bounds()),
        part in 0_i64..=1_000_000,
        interval in select(RecurringInterval::ALL.to_vec()),
    ) {
        let step = least.minor_units();
        let steps = i128::from(most.minor_units() / step) * i128::from(part) / 1_000_000;
        let amount = Money::new(i64::try_from(steps).unwrap() * step, least.currency());
        prop_assert_eq!(Money::from_stripe(amount.stripe_amount().unwrap(), amount.currency()), Ok(amount));
        prop_assert!(revenue(amount, interval).minor_units() >= revenue(amount, RecurringInterval::Year).minor_units());
    }

    #[test]
    fn a_quantity_that_no_invoice_can_have_is_kept_within_64_bits(
        (_, most) in select(bounds()),
        quantity in 1_i64..=i64::from(u32::MAX),
    ) {
        let amount = most.minor_units().saturating_mul(quantity);
        let charged = twelfths(Money::new(amount, most.currency()), RecurringInterval::Day);
        prop_assert!(charged >= amount);
    }
}
