use super::*;
use crate::{
    clock::{Clock, DAY},
    resources::prices::TaxBehavior,
    store::{Origin, World},
    wire::Metadata,
};

/// 8 December 2026, 14:05:09 UTC.
const THEN: Timestamp = 1_796_738_709;

#[test]
fn a_time_is_read_as_a_date_and_as_a_moment() {
    assert_eq!(date(THEN), "8 December 2026");
    assert_eq!(moment(THEN).text, "8 Dec 2026, 14:05:09 UTC");
    assert_eq!(moment(THEN).machine, "2026-12-08T14:05:09Z");
    assert_eq!(date(Timestamp::MAX), "1 January 1970");
}

#[test]
fn a_period_names_the_year_twice_only_when_it_changes() {
    assert_eq!(period(THEN, THEN + 10 * DAY), "8 Dec – 18 Dec 2026");
    assert_eq!(period(THEN, THEN + 31 * DAY), "8 Dec 2026 – 8 Jan 2027");
    assert_eq!(period(THEN, THEN + 60), "8 Dec 2026");
}

#[test]
fn a_price_is_read_with_its_interval() {
    let of = |recurring: Option<Recurring>| {
        price(&Price {
            id: "price_1".to_owned(),
            created: THEN,
            product: "prod_1".to_owned(),
            currency: "usd".to_owned(),
            unit_amount: UnitAmount::from(2000),
            recurring,
            is_active: true,
            nickname: None,
            lookup_key: None,
            tax_behavior: TaxBehavior::Unspecified,
            metadata: Metadata::new(),
            is_deleted: false,
        })
    };
    let every = |interval_count| {
        Some(Recurring { interval: Interval::Month, interval_count, trial_period_days: None })
    };
    assert_eq!(of(every(1)), "$20.00 per month");
    assert_eq!(of(every(3)), "$20.00 every 3 months");
    assert_eq!(of(None), "$20.00");
    assert_eq!(unit_price("0.5".parse().unwrap(), "usd"), "0.005 USD");
}

#[test]
fn a_card_is_named_by_its_brand_its_last_digits_and_its_expiry() {
    let mut world = World::new(Clock::Standing { at: THEN }, 1, String::new());
    let mut tx = world.begin("acct_1", Origin::default());
    let card = PaymentMethod::from_card(&mut tx, "378282246310005", (3, 2034), Some("1234"), THEN).unwrap();
    assert_eq!(payment_method(&card), "American Express •••• 0005");
    assert_eq!(payment_method_with_expiry(&card), "American Express •••• 0005, expires 03 / 34");
}

#[test]
fn a_shop_without_a_name_has_one_on_pages() {
    let mut world = World::new(Clock::Standing { at: THEN }, 1, String::new());
    assert_eq!(merchant(&world.begin("acct_1", Origin::default())), "Sandbox shop");
}

#[test]
fn every_status_has_its_badge() {
    let all = [
        Status::Active,
        Status::Canceled,
        Status::Incomplete,
        Status::IncompleteExpired,
        Status::PastDue,
        Status::Paused,
        Status::Trialing,
        Status::Unpaid,
    ];
    let mut words: Vec<_> = all.map(|status| subscription_status(status).text).into();
    words.sort();
    words.dedup();
    assert_eq!(words.len(), all.len());
    assert_eq!(invoice_status(InvoiceStatus::Void).text, "Void");
}
