use billing_domain::{BillingInterval, Currency, PlanOffer, Price, PriceTerms};

use super::{CheckoutError, CreateCheckoutLink};

/// The offered price of an interval and currency, which Stripe can charge this many times. The currency may be left out
/// if the plan has one price of the interval.
pub(crate) fn choose_price(
    offer: &PlanOffer,
    interval: BillingInterval,
    currency: Option<Currency>,
    quantity: u32,
) -> Result<Price, CheckoutError> {
    check_seats(quantity)?;
    let offered: Vec<&Price> = offer.offered_prices().collect();
    let of_interval = offered.iter().filter(|price| price.terms.interval() == interval);
    let fits = |price: &&&Price| currency.is_none_or(|currency| price.terms.amount().currency() == currency);
    let by_currency = of_interval.clone().next().is_some();
    let terms = || offered.iter().map(|price| price.terms).collect::<Vec<PriceTerms>>();
    let mut fitting = of_interval.filter(fits);
    let price = match (fitting.next(), fitting.next()) {
        (Some(price), None) => (*price).clone(),
        (Some(_), Some(_)) => return Err(CheckoutError::CurrencyNeeded(terms())),
        (None, _) => return Err(CheckoutError::NotOffered { offered: terms(), by_currency }),
    };
    check_sum(price.terms, quantity)?;
    Ok(price)
}

fn check_seats(quantity: u32) -> Result<(), CheckoutError> {
    if (1..=CreateCheckoutLink::MOST_SEATS).contains(&quantity) {
        Ok(())
    } else {
        Err(CheckoutError::Quantity)
    }
}

/// Checks that Stripe can charge a price for this many seats.
pub(crate) fn check_sum(terms: PriceTerms, quantity: u32) -> Result<(), CheckoutError> {
    check_seats(quantity)?;
    let sum = terms.amount().checked_mul(i64::from(quantity));
    match sum.map(billing_domain::Money::stripe_amount) {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(unchargeable)) => Err(CheckoutError::SumTooLarge(unchargeable)),
        Err(_) => Err(CheckoutError::Quantity),
    }
}
