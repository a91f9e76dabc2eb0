use super::*;
use crate::{
    AppId, BillingInterval, Currency, DisplayName, FeatureDetails, FeatureId, Money, PayerKind, PlanId,
    PlanKey, TrialDays, UnsellableAmount, Version, WorkspaceId,
};

fn at(second: i64) -> Timestamp {
    Timestamp::from_timestamp(second, 0).unwrap()
}

fn details() -> PlanDetails {
    PlanDetails::named(DisplayName::parse("Pro").unwrap())
}

fn plan(details: PlanDetails) -> Plan {
    Plan {
        id: PlanId::from_uuid(1),
        workspace_id: WorkspaceId::parse("ws").unwrap(),
        app_id: AppId::parse("app").unwrap(),
        key: PlanKey::parse("pro").unwrap(),
        payer_kind: PayerKind::User,
        details,
        archived_at: None,
        version: Version::NEW,
        created_at: at(1),
    }
}

fn offer() -> PlanOffer {
    PlanOffer::new(plan(details())).unwrap()
}

fn terms(minor_units: i64, currency: &str, interval: BillingInterval) -> PriceTerms {
    PriceTerms::new(Money::new(minor_units, Currency::parse(currency).unwrap()), interval).unwrap()
}

fn priced(all: &[PriceTerms]) -> PlanOffer {
    let mut offer = offer();
    for (number, terms) in all.iter().enumerate() {
        let id = PriceId::from_uuid(number as u128);
        let PriceAddition::New { price, .. } = offer.add_price(id, *terms, at(2)).unwrap() else {
            panic!("{terms} is offered already")
        };
        offer.prices.push(price);
    }
    offer
}

fn feature(number: u128) -> Feature {
    Feature {
        id: FeatureId::from_uuid(number),
        workspace_id: WorkspaceId::parse("ws").unwrap(),
        app_id: AppId::parse("app").unwrap(),
        key: FeatureKey::parse(&format!("feature_{number}")).unwrap(),
        details: FeatureDetails { name: DisplayName::parse("Feature").unwrap(), description: None },
        version: Version::NEW,
        created_at: at(1),
    }
}

#[test]
fn the_default_plan_is_free() {
    let default = PlanDetails { is_default: true, ..details() };
    let with_trial = PlanDetails { trial_days: TrialDays::new(7).unwrap(), ..default.clone() };
    assert!(PlanOffer::new(plan(default.clone())).is_ok());
    assert_eq!(PlanOffer::new(plan(with_trial.clone())), Err(PlanRefused::NewDefaultMustBeFree));

    let monthly = terms(1_250, "USD", BillingInterval::Month);
    let refused =
        |offer: &PlanOffer, details: &PlanDetails| offer.revise(details.clone()).unwrap_err().to_string();
    for (offer, details, remedy) in [
        (priced(&[monthly]), &default, "archive its prices"),
        (priced(&[]), &with_trial, "set its trial to 0 days"),
        (priced(&[monthly]), &with_trial, "archive its prices and set its trial to 0 days"),
    ] {
        let told = format!("The default plan is free: {remedy}, or make it an ordinary plan.");
        assert_eq!(refused(&offer, details), told);
    }
    let free = PlanOffer::new(plan(default)).unwrap();
    assert_eq!(free.add_price(PriceId::from_uuid(9), monthly, at(3)), Err(PlanRefused::DefaultTakesNoPrices));
}

#[test]
fn a_plan_whose_prices_are_archived_can_become_the_default() {
    let mut offer = priced(&[terms(1_250, "USD", BillingInterval::Month)]);
    offer.prices[0] = offer.prices[0].archive(at(3)).unwrap();
    let default = PlanDetails { is_default: true, ..details() };
    assert!(offer.revise(default).unwrap().unwrap().details.is_default);
}

#[test]
fn a_new_amount_replaces_the_old_price() {
    let offer = priced(&[
        terms(1_250, "USD", BillingInterval::Month),
        terms(12_000, "USD", BillingInterval::Year),
        terms(1_100, "EUR", BillingInterval::Month),
    ]);
    let raised = terms(1_500, "USD", BillingInterval::Month);

    let added = offer.add_price(PriceId::from_uuid(9), raised, at(5)).unwrap();

    let PriceAddition::New { price, replaced: Some(replaced) } = added else { panic!("{added:?}") };
    assert_eq!((price.terms, price.archived_at), (raised, None));
    assert_eq!((replaced.id, replaced.archived_at), (offer.prices[0].id, Some(at(5))));
}

#[test]
fn offered_prices_keep_their_order_through_replacements() {
    use BillingInterval::{Month, Year};
    let offer = priced(&[
        terms(15_000, "USD", Year),
        terms(1_380, "EUR", Month),
        terms(1_250, "USD", Month),
        terms(4_500, "KWD", Year),
    ]);
    let shown = |offer: &PlanOffer| {
        offer.offered_prices().map(|price| price.terms.to_string()).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(shown(&offer), "$12.50 / month, $150.00 / year, €13.80 / month, KWD 4.500 / year");

    let mut raised = offer;
    for (id, minor_units) in [(8, 1_500), (9, 1_600)] {
        let added = raised.add_price(PriceId::from_uuid(id), terms(minor_units, "USD", Month), at(5));
        let PriceAddition::New { price, replaced: Some(replaced) } = added.unwrap() else {
            panic!("no replacement")
        };
        let old = raised.prices.iter_mut().find(|price| price.id == replaced.id).unwrap();
        *old = replaced;
        raised.prices.push(price);
    }
    raised.prices[0] = raised.prices[0].archive(at(6)).unwrap();
    assert_eq!(shown(&raised), "$16.00 / month, €13.80 / month, KWD 4.500 / year");
}

#[test]
fn adding_the_same_price_again_changes_nothing() {
    let monthly = terms(1_250, "USD", BillingInterval::Month);
    let offer = priced(&[monthly]);
    let again = offer.add_price(PriceId::from_uuid(9), monthly, at(5)).unwrap();
    assert_eq!(again, PriceAddition::AlreadyOffered(offer.prices[0].clone()));
}

#[test]
fn archived_terms_can_be_offered_again_as_a_new_price() {
    let monthly = terms(1_250, "USD", BillingInterval::Month);
    let mut offer = priced(&[monthly]);
    offer.prices[0] = offer.prices[0].archive(at(3)).unwrap();
    assert_eq!(offer.prices[0].archive(at(4)), None);
    let again = offer.add_price(PriceId::from_uuid(9), monthly, at(5)).unwrap();
    assert!(matches!(again, PriceAddition::New { replaced: None, .. }), "{again:?}");
}

#[test]
fn an_archived_plan_is_not_sold_and_not_the_default() {
    let default = PlanOffer::new(plan(PlanDetails { is_default: true, ..details() })).unwrap();

    let archived = PlanOffer { plan: default.archive(at(9)).unwrap(), ..default };

    assert_eq!(archived.plan.archived_at, Some(at(9)));
    assert!(!archived.plan.details.is_default);
    assert_eq!(archived.archive(at(10)), None);
    assert_eq!(archived.revise(details()), Err(PlanRefused::Archived));
    let monthly = terms(1_250, "USD", BillingInterval::Month);
    assert_eq!(archived.add_price(PriceId::from_uuid(9), monthly, at(9)), Err(PlanRefused::Archived));
    assert_eq!(archived.attach(&feature(1).key), Ok(true), "its subscribers can still be given more");
}

#[test]
fn revising_to_the_same_details_changes_nothing() {
    let offer = offer();
    assert_eq!(offer.revise(details()), Ok(None));
    let renamed = PlanDetails { name: DisplayName::parse("Pro plus").unwrap(), ..details() };
    let revised = offer.revise(renamed.clone()).unwrap().unwrap();
    assert_eq!((revised.details, revised.version), (renamed, offer.plan.version.next()));
}

#[test]
fn a_plan_keeps_a_bounded_number_of_prices_and_features() {
    let mut offer = priced(&[terms(1, "USD", BillingInterval::Month)]);
    let archived = offer.prices[0].archive(at(3)).unwrap();
    offer.prices = vec![archived; PlanOffer::MOST_PRICES];
    let another = offer.add_price(PriceId::from_uuid(9), terms(2, "USD", BillingInterval::Month), at(5));
    assert_eq!(another, Err(PlanRefused::TooManyPrices));

    offer.features = (0..PlanOffer::MOST_FEATURES as u128).map(feature).collect();
    assert_eq!(offer.attach(&feature(1).key), Ok(false), "attached already");
    assert_eq!(offer.attach(&feature(1_000).key), Err(PlanRefused::TooManyFeatures));
}

#[test]
fn an_amount_that_is_not_positive_is_refused() {
    let dollars = |minor_units| Money::new(minor_units, Currency::parse("USD").unwrap());
    for minor_units in [i64::MIN, -1, 0] {
        let refused = PriceTerms::new(dollars(minor_units), BillingInterval::Month);
        assert_eq!(refused, Err(UnsellableAmount::NotPositive), "{minor_units}");
    }
    assert!(PriceTerms::new(dollars(1), BillingInterval::Month).is_ok());
}

/// The contract, section 2: only what Stripe can charge may be put on sale.
#[test]
fn a_price_that_stripe_cannot_charge_is_not_put_on_sale() {
    for (minor_units, currency, told) in [
        (4_505, "KWD", "Stripe takes KWD amounts whose last digit is 0, such as KWD 4.500."),
        (10_000, "CLF", "Stripe cannot charge CLF. Enter a currency that it can, such as USD."),
        (100_000_000, "USD", "Stripe takes at most $999,999.99."),
        (i64::MAX, "USD", "Stripe takes at most $999,999.99."),
    ] {
        let terms = terms(minor_units, currency, BillingInterval::Month);
        let refused = offer().add_price(PriceId::from_uuid(9), terms, at(2)).unwrap_err();
        assert!(matches!(refused, PlanRefused::Unsellable(_)), "{refused:?}");
        assert_eq!(refused.to_string(), told);
    }
    // Stripe's minimum holds for the total of a checkout: a seat may cost a cent.
    let a_cent = terms(1, "USD", BillingInterval::Month);
    assert!(offer().add_price(PriceId::from_uuid(9), a_cent, at(2)).is_ok());
}

#[test]
fn a_stored_price_that_stripe_cannot_charge_can_be_archived() {
    let stored = serde_json::json!({
        "id": PriceId::from_uuid(1), "planId": PlanId::from_uuid(1), "archivedAt": null,
        "amount": { "minorUnits": 4_505, "currency": "KWD" }, "interval": "month",
        "createdAt": "2026-11-22T12:00:00.000Z",
    });
    let price: Price = serde_json::from_value(stored).unwrap();
    assert!(price.terms.check_sellable().is_err() && price.is_offered());

    let mut offer = offer();
    offer.prices = vec![price.clone()];
    assert!(price.archive(at(9)).is_some());
    let again = offer.add_price(PriceId::from_uuid(9), price.terms, at(9));
    assert!(matches!(again, Err(PlanRefused::Unsellable(_))), "{again:?}");
    let right = terms(4_510, "KWD", BillingInterval::Month);
    let PriceAddition::New { replaced, .. } = offer.add_price(PriceId::from_uuid(9), right, at(9)).unwrap()
    else {
        panic!("another amount is another price")
    };
    assert_eq!(replaced.map(|replaced| replaced.id), Some(price.id));
}

#[test]
fn a_trial_has_a_whole_number_of_days() {
    for (text, days) in [("0", 0), (" 14 ", 14), ("730", 730)] {
        assert_eq!(text.parse::<TrialDays>().unwrap().days(), days);
    }
    for text in ["", "-1", "+1", "1.5", "731", "99999999999999999999", "two", "１４"] {
        assert!(text.parse::<TrialDays>().is_err(), "{text:?}");
    }
}

#[test]
fn a_price_is_displayed_per_interval() {
    assert_eq!(terms(1_250, "USD", BillingInterval::Month).to_string(), "$12.50 / month");
    assert_eq!(terms(4_500, "KWD", BillingInterval::Year).to_string(), "KWD 4.500 / year");
    assert_eq!(terms(1_200, "JPY", BillingInterval::Month).to_string(), "¥1,200 / month");
}
