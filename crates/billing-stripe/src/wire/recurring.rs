//! What a subscription charges. What cannot be read charges nothing: it must not keep the subscription from being mirrored.

use billing_domain::{Currency, DiscountOff, Money, RecurringCharge, RecurringDiscount, RecurringInterval};
use serde_json::Value;

use super::moment;

/// The places behind the point of `unit_amount_decimal`.
const PLACES: usize = 12;
/// The places behind the point of a percentage that are read. It is a float at Stripe, whose text has no more.
const PERCENT_PLACES: usize = 24;

/// The charge of an item at a price. None for what is metered or has tiers.
pub(super) fn charge(price: &Value, quantity: u64, currency: Currency) -> Option<RecurringCharge> {
    let recurring = &price["recurring"];
    if recurring["usage_type"] == "metered" {
        return None;
    }
    let word = recurring["interval"].as_str()?;
    let interval = RecurringInterval::ALL.into_iter().find(|interval| interval.as_str() == word)?;
    let interval_count = recurring["interval_count"].as_u64().unwrap_or(1);
    let amount = match price["unit_amount"].as_i64() {
        Some(amount) => i128::from(amount).checked_mul(quantity.into())?,
        None => times(fixed_point(price["unit_amount_decimal"].as_str()?, PLACES)?, quantity, currency)?,
    };
    Some(RecurringCharge {
        minor_units: Money::from_stripe(i64::try_from(amount).ok()?, currency).ok()?.minor_units(),
        interval,
        interval_count: u32::try_from(interval_count).ok()?,
    })
}

/// The discounts that recur. One of a coupon for once is of a single invoice.
pub(super) fn discounts(discounts: &[Value], currency: Currency) -> Vec<RecurringDiscount> {
    let discount = |discount: &Value| {
        let coupon = &discount["source"]["coupon"];
        if coupon["duration"] == "once" {
            return None;
        }
        Some(RecurringDiscount {
            off: off(coupon, currency)?,
            starts_at: moment(discount["start"].as_i64()),
            ends_at: moment(discount["end"].as_i64()),
        })
    };
    discounts.iter().filter_map(discount).collect()
}

fn off(coupon: &Value, currency: Currency) -> Option<DiscountOff> {
    if let Some(percent) = coupon["percent_off"].as_number() {
        // A percent is 10,000 millionths.
        let divisor = 10_i128.pow(20);
        let millionths = (fixed_point(&percent.to_string(), PERCENT_PLACES)? + divisor / 2) / divisor;
        return u32::try_from(millionths).ok().map(DiscountOff::Millionths);
    }
    let of_currency = |code: &str| code.eq_ignore_ascii_case(currency.code());
    let options = coupon["currency_options"].as_object().into_iter().flatten();
    let amount = match coupon["currency"].as_str() {
        Some(code) if of_currency(code) => coupon["amount_off"].as_i64(),
        _ => options
            .filter(|(code, _)| of_currency(code))
            .find_map(|(_, option)| option["amount_off"].as_i64()),
    };
    Some(DiscountOff::MinorUnits(Money::from_stripe(amount?, currency).ok()?.minor_units()))
}

/// A decimal number without its point, with so many places behind it.
fn fixed_point(text: &str, places: usize) -> Option<i128> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let are_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !are_digits(whole) || !are_digits(fraction) || fraction.len() > places {
        return None;
    }
    format!("{whole}{fraction:0<places$}").parse().ok()
}

/// A decimal unit amount times the quantity, to the nearest amount that can be charged, as Stripe does on the invoice.
fn times(unit_amount: i128, quantity: u64, currency: Currency) -> Option<i128> {
    let step = Money::new(currency.charge_step(), currency).stripe_amount().ok()?;
    let divisor = 10_i128.pow(12) * i128::from(step);
    let exact = unit_amount.checked_mul(quantity.into())?;
    Some((exact + divisor / 2) / divisor * i128::from(step))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn currency(code: &str) -> Currency {
        Currency::parse(code).unwrap()
    }

    fn price(unit_amount: &Value, decimal: &str) -> Value {
        json!({
            "unit_amount": unit_amount, "unit_amount_decimal": decimal,
            "recurring": { "interval": "month", "interval_count": 3, "usage_type": "licensed" },
        })
    }

    #[test]
    fn an_item_charges_its_unit_amount_times_its_quantity() {
        for (unit_amount, decimal, quantity, code, minor_units) in [
            (json!(1_200), "1200", 3, "USD", 3_600),
            (json!(null), "0.5", 3, "USD", 2),
            (json!(null), "0.4", 1, "USD", 0),
            (json!(50_000), "50000", 2, "ISK", 1_000),
            (json!(4_500), "4500", 1, "KWD", 4_500),
            (json!(null), "4504.9", 1, "KWD", 4_500),
            (json!(999_999_999_999_i64), "999999999999", 1, "IDR", 999_999_999_999),
        ] {
            let charge = charge(&price(&unit_amount, decimal), quantity, currency(code)).unwrap();
            assert_eq!(charge.minor_units, minor_units, "{decimal} × {quantity}");
            assert_eq!((charge.interval, charge.interval_count), (RecurringInterval::Month, 3));
        }
    }

    #[test]
    fn what_is_metered_tiered_or_unreadable_charges_nothing() {
        let mut metered = price(&json!(1), "1");
        metered["recurring"]["usage_type"] = json!("metered");
        let mut tiered = price(&json!(null), "1");
        tiered["unit_amount_decimal"] = json!(null);
        let mut of_tomorrow = price(&json!(1), "1");
        of_tomorrow["recurring"]["interval"] = json!("decade");
        for price in [metered, tiered, of_tomorrow, json!("price_1")] {
            assert_eq!(charge(&price, 1, currency("USD")), None, "{price}");
        }
        assert_eq!(charge(&price(&json!(i64::MAX), ""), u64::MAX, currency("USD")), None);
    }

    #[test]
    fn a_discount_recurs_unless_it_is_for_once() {
        let of = |coupon: Value| json!({ "start": 10, "end": 20, "source": { "type": "coupon", "coupon": coupon } });
        let given = [
            of(serde_json::from_str(r#"{ "duration": "forever", "percent_off": 12.5, "amount_off": null }"#)
                .unwrap()),
            of(json!({ "duration": "once", "percent_off": 50 })),
            of(json!({ "duration": "repeating", "percent_off": null, "amount_off": 500, "currency": "usd" })),
            of(json!({ "duration": "forever", "amount_off": 1, "currency": "eur",
                "currency_options": { "usd": { "amount_off": 700 } } })),
            of(json!({ "duration": "forever", "amount_off": 1, "currency": "eur" })),
            json!("di_1"),
            of(serde_json::from_str(r#"{ "duration": "forever", "percent_off": 33.33333 }"#).unwrap()),
            of(serde_json::from_str(r#"{ "duration": "forever", "percent_off": 66.66666666666667 }"#)
                .unwrap()),
        ];
        let read = discounts(&given, currency("USD"));
        let offs: Vec<_> = read.iter().map(|discount| discount.off).collect();
        assert_eq!(
            offs,
            [
                DiscountOff::Millionths(125_000),
                DiscountOff::MinorUnits(500),
                DiscountOff::MinorUnits(700),
                DiscountOff::Millionths(333_333),
                DiscountOff::Millionths(666_667),
            ]
        );
        assert_eq!((read[0].starts_at, read[0].ends_at), (moment(Some(10)), moment(Some(20))));
    }
}
