//! The rules that refuse a checkout, each with the code, the field and the sentence it is told by.

use EnvironmentKind::{Development, Production};

use crate::prelude::*;
use crate::testing::{Sales, administrator, create_checkout_link, monthly_price, now, origin, payer, terms};

const DEVELOPMENT: &str = "env_development";
const PRODUCTION: &str = "env_production";

/// A shop with environments of these kinds, on an account of this mode.
fn shop_with(kinds: &[EnvironmentKind], is_test: bool) -> Sales {
    let sales = Sales::open();
    let id = |kind: EnvironmentKind| EnvironmentId::parse(format!("env_{}", kind.as_str())).unwrap();
    sales.lock().app.environments =
        kinds.iter().map(|kind| Environment { id: id(*kind), kind: *kind }).collect();
    sales.lock().stripe.is_test = is_test;
    sales
}

/// A shop whose plan has these prices.
fn selling_at(prices: &[Price]) -> Sales {
    let sales = Sales::open();
    sales.lock().plan.prices = prices.to_vec();
    sales
}

fn price(minor_units: i64, currency: &str, interval: BillingInterval) -> Price {
    let id = PriceId::from_uuid(minor_units.unsigned_abs().into());
    Price { id, terms: terms(minor_units, currency, interval), ..monthly_price() }
}

fn in_environment(id: Option<&str>) -> CreateCheckoutLink {
    let environment_id = id.map(|id| EnvironmentId::parse(id).unwrap());
    CreateCheckoutLink { environment_id, ..create_checkout_link() }
}

/// The intent of a checkout that is made.
async fn sold(sales: &Sales, request: &CreateCheckoutLink) -> CheckoutIntent {
    sales.executor().create_checkout_link(&administrator(), request, None).await.unwrap();
    sales.lock().intents[0].clone()
}

/// The code, field and sentence of a checkout that is refused, of which nothing is sent or stored.
async fn refused(sales: &Sales, request: &CreateCheckoutLink) -> (ErrorCode, Option<&'static str>, String) {
    let refused = sales.executor().create_checkout_link(&administrator(), request, None).await;
    let refused = refused.expect_err(&format!("{request:?} is refused"));
    assert!(sales.sent().is_empty() && sales.lock().calls.is_empty() && sales.lock().intents.is_empty());
    let told = refused.told();
    let field = match told.facts {
        Facts::Field(field) => Some(field),
        _ => None,
    };
    (told.code, field, refused.to_string())
}

/// The refusal of a request in which this field is wrong.
fn invalid(field: &'static str, sentence: &str) -> (ErrorCode, Option<&'static str>, String) {
    (ErrorCode::InvalidRequest, Some(field), sentence.to_owned())
}

#[tokio::test]
async fn a_checkout_is_in_the_environment_of_the_accounts_mode() {
    let orders = [[Development, Production], [Production, Development]];
    for (is_test, environment) in [(true, DEVELOPMENT), (false, PRODUCTION)] {
        for (kinds, named) in orders.iter().flat_map(|kinds| [(kinds, None), (kinds, Some(environment))]) {
            let sales = shop_with(kinds, is_test);

            let intent = sold(&sales, &in_environment(named)).await;

            assert_eq!(intent.environment_id.as_str(), environment, "{kinds:?} {named:?}");
            let customer = &sales.lock().links[0].subject;
            let of_environment = LinkSubject::Customer {
                environment_id: EnvironmentId::parse(environment).unwrap(),
                payer: payer(),
            };
            assert_eq!(*customer, of_environment, "{kinds:?} {named:?}");
        }
    }
}

#[tokio::test]
async fn test_and_live_mode_never_mix_in_a_checkout() {
    let both = [Development, Production].as_slice();
    let test = "This gateway is in test mode: it sells in the development environment only.";
    let live = "This gateway takes real money: it sells in the production environment only.";
    for (is_test, kinds, named, sentence) in [
        (true, both, Some(PRODUCTION), test),
        (true, &[Production], Some(PRODUCTION), test),
        (true, &[Production], None, test),
        (true, &[], None, test),
        (false, both, Some(DEVELOPMENT), live),
        (false, &[Development], Some(DEVELOPMENT), live),
        (false, &[Development], None, live),
        (false, &[], None, live),
    ] {
        let told = refused(&shop_with(kinds, is_test), &in_environment(named)).await;
        assert_eq!(told, invalid("environmentId", sentence), "{kinds:?} {named:?}");
    }
}

#[tokio::test]
async fn an_environment_of_another_app_is_not_found() {
    for (is_test, kinds, named) in [
        (true, [Development, Production].as_slice(), "env_of_another_app"),
        (false, &[Development, Production], "env_of_another_app"),
        (true, &[Production], DEVELOPMENT),
        (false, &[Development], PRODUCTION),
    ] {
        let told = refused(&shop_with(kinds, is_test), &in_environment(Some(named))).await;
        let expected = (ErrorCode::NotFound, None, "The app has no such environment.".to_owned());
        assert_eq!(told, expected, "{kinds:?} {named:?}");
    }
}

#[tokio::test]
async fn a_plan_is_sold_to_its_kind_of_payer_only() {
    let user = payer();
    let organization = Payer::Organization(OrganizationId::parse("ada").unwrap());
    for (sold_to, other, sentence) in [
        (&user, &organization, "This plan is for users."),
        (&organization, &user, "This plan is for organizations."),
    ] {
        let sales = Sales::open();
        sales.lock().plan.plan.payer_kind = sold_to.kind();
        let by = |payer: &Payer| CreateCheckoutLink { payer: payer.clone(), ..create_checkout_link() };

        assert_eq!(refused(&sales, &by(other)).await, invalid("payer", sentence));
        assert_eq!(sold(&sales, &by(sold_to)).await.payer, *sold_to);
    }
}

#[tokio::test]
async fn a_price_that_is_not_offered_is_refused_with_those_that_are() {
    use BillingInterval::{Month, Year};
    let dollars = price(1_250, "USD", Month);
    let archived = Price { archived_at: Some(now()), ..dollars.clone() };
    let euros = price(12_000, "EUR", Year);
    let other_interval = "The plan is not offered at this interval. ";
    let other_currency = "The plan is not offered at this interval in this currency. ";
    let (at_dollars, at_euros) = ("It is offered at $12.50 / month.", "It is offered at €120.00 / year.");
    let at_both = "It is offered at $12.50 / month, €120.00 / year.";
    let nowhere = "It has no price that is offered.";
    for (prices, interval, currency, field, beginning, offers) in [
        (vec![&dollars], Year, None, "interval", other_interval, at_dollars),
        (vec![&dollars], Year, Some("USD"), "interval", other_interval, at_dollars),
        (vec![&dollars], Month, Some("EUR"), "currency", other_currency, at_dollars),
        (vec![&dollars, &euros], Month, Some("EUR"), "currency", other_currency, at_both),
        (vec![&dollars, &euros], Year, Some("USD"), "currency", other_currency, at_both),
        (vec![&archived, &euros], Month, None, "interval", other_interval, at_euros),
        (vec![&archived], Month, None, "interval", other_interval, nowhere),
        (vec![], Month, Some("USD"), "interval", other_interval, nowhere),
    ] {
        let prices: Vec<_> = prices.into_iter().cloned().collect();
        let currency = currency.map(|code| Currency::parse(code).unwrap());
        let request = CreateCheckoutLink { interval, currency, ..create_checkout_link() };

        let told = refused(&selling_at(&prices), &request).await;

        assert_eq!(told, invalid(field, &format!("{beginning}{offers}")), "{interval:?} {currency:?}");
    }
}

#[tokio::test]
async fn a_plan_with_prices_in_several_currencies_needs_a_choice() {
    use BillingInterval::{Month, Year};
    let prices = [price(1_250, "USD", Month), price(1_100, "EUR", Month), price(9_000, "CHF", Year)];
    let of = |interval, currency: Option<&str>| CreateCheckoutLink {
        interval,
        currency: currency.map(|code| Currency::parse(code).unwrap()),
        ..create_checkout_link()
    };

    let told = refused(&selling_at(&prices), &of(Month, None)).await;

    let sentence = "Choose a currency. It is offered at $12.50 / month, €11.00 / month, CHF 90.00 / year.";
    assert_eq!(told, invalid("currency", sentence));
    for (interval, currency, price) in [
        (Month, Some("USD"), &prices[0]),
        (Month, Some("EUR"), &prices[1]),
        (Year, None, &prices[2]),
        (Year, Some("CHF"), &prices[2]),
    ] {
        let intent = sold(&selling_at(&prices), &of(interval, currency)).await;
        assert_eq!(intent.sale.price_id, price.id, "{interval:?} {currency:?}");
    }
}

#[tokio::test]
async fn a_sum_is_at_most_what_stripe_can_charge() {
    let dollars = "The sum is too large: Stripe takes at most $999,999.99.";
    let yen = "The sum is too large: Stripe takes at most ¥9,999,999,999.";
    let seats = "Enter a number of seats from 1 to 100000.";
    for (minor_units, currency, most, refused_quantity, sentence) in [
        (1_250, "USD", 79_999, 80_000, dollars),
        (99_999_999, "USD", 1, 2, dollars),
        (100_000, "JPY", 99_999, 100_000, yen),
        (999, "USD", 100_000, 100_001, seats),
        (1, "USD", 100_000, u32::MAX, seats),
        (1, "USD", 1, 0, seats),
    ] {
        let sales = selling_at(&[price(minor_units, currency, BillingInterval::Month)]);
        let seats = |quantity| CreateCheckoutLink { quantity, ..create_checkout_link() };

        let told = refused(&sales, &seats(refused_quantity)).await;
        assert_eq!(told, invalid("quantity", sentence), "{refused_quantity} of {minor_units}");

        assert_eq!(sold(&sales, &seats(most)).await.sale.quantity, most);
    }
}

#[tokio::test]
async fn a_return_address_is_of_an_origin_that_the_app_allows() {
    let allowed = Some("https://shop.example/thanks?session={CHECKOUT_SESSION_ID}");
    let evil = Some("https://shop.example.evil.example/");
    let other_port = Some("https://shop.example:8443/");
    let request = |success: Option<&str>, cancel: Option<&str>| CreateCheckoutLink {
        success_url: success.map(|url| ReturnUrl::parse(url).unwrap()),
        cancel_url: cancel.map(|url| ReturnUrl::parse(url).unwrap()),
        ..create_checkout_link()
    };
    for (success, cancel, field) in [
        (evil, None, "successUrl"),
        (evil, allowed, "successUrl"),
        (evil, evil, "successUrl"),
        (None, evil, "cancelUrl"),
        (allowed, evil, "cancelUrl"),
        (other_port, None, "successUrl"),
        (None, other_port, "cancelUrl"),
    ] {
        let (code, named, _) = refused(&Sales::open(), &request(success, cancel)).await;
        assert_eq!((code, named), (ErrorCode::RedirectUrlNotAllowed, Some(field)), "{success:?} {cancel:?}");
    }
    for (success, cancel) in [(allowed, allowed), (allowed, None), (None, allowed), (None, None)] {
        sold(&Sales::open(), &request(success, cancel)).await;
    }

    let sales = Sales::open();
    sales.lock().app.details.allowed_redirect_origins = vec![origin("other.example")];
    assert_eq!(refused(&sales, &request(allowed, None)).await.0, ErrorCode::RedirectUrlNotAllowed);
}
