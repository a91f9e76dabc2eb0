use crate::prelude::*;
use crate::testing::{
    Stored, Write, add_price, archive_price, catalog, change, change_once, follows_price, monthly,
    monthly_price, now, other_app_id, pro, terms,
};

fn asking_for(terms: PriceTerms) -> AddPrice {
    AddPrice { terms, ..add_price() }
}

/// The price at these terms, with the first generated id.
fn new_price(terms: PriceTerms) -> Price {
    Price { id: PriceId::from_uuid(1), plan_id: pro().plan.id, terms, archived_at: None, created_at: now() }
}

fn plan_saved() -> Write {
    Write::SavePlan { plan: pro().changed_plan(), loaded: pro().plan.version }
}

#[tokio::test]
async fn a_price_of_another_currency_or_interval_is_added() {
    for terms in [terms(12_000, "USD", BillingInterval::Year), terms(1_100, "EUR", BillingInterval::Month)] {
        let (ports, written) = catalog().ports();

        let made = change(ports, asking_for(terms)).await.unwrap();

        let price = new_price(terms);
        assert_eq!(made, Made { value: price.clone(), is_new: true });
        assert_eq!(written.writes(), [plan_saved(), Write::InsertPrice(price.clone()), Write::Commit]);
        assert_eq!(
            written.audited(),
            [AuditedChange::created(&PlanPrice::new(&pro().plan, &price)).unwrap()]
        );
    }
}

#[tokio::test]
async fn a_new_amount_replaces_the_old_price_in_one_transaction() {
    let (ports, written) = catalog().ports();

    let made = change(ports, asking_for(monthly(1_500))).await.unwrap();

    let price = new_price(monthly(1_500));
    assert_eq!(made, Made { value: price.clone(), is_new: true });
    let archived = Price { archived_at: Some(now()), ..monthly_price() };
    assert_eq!(
        written.writes(),
        [
            plan_saved(),
            Write::SavePrice(archived.clone()),
            follows_price(&pro().plan, &archived),
            Write::InsertPrice(price.clone()),
            Write::Commit
        ]
    );
    let (plan, offered) = (pro().plan, monthly_price());
    let after = PlanPrice::in_place_of(&archived, &plan, &price);
    let replacement = AuditedChange::replaced(&PlanPrice::new(&plan, &offered), &after);
    assert_eq!(written.audited(), [replacement.unwrap()]);
}

#[tokio::test]
async fn an_offered_price_changes_nothing() {
    let (ports, written) = catalog().ports();

    let made = change(ports, asking_for(monthly(1_250))).await.unwrap();

    assert_eq!(made, Made { value: monthly_price(), is_new: false });
    assert!(written.is_nothing());
}

/// docs/errors.md, `concurrent_change`: whoever sends a version that is not the current one is told so, even if
/// nothing would change.
#[tokio::test]
async fn an_offered_price_over_a_stale_version_is_refused() {
    let (ports, written) = catalog().ports();
    let request = AddPrice { expected_version: Some(Version::NEW), ..asking_for(monthly(1_250)) };

    let refusal = change(ports, request).await.unwrap_err();

    assert!(matches!(refusal, Refused::Rule(PlanError::EditedMeanwhile(offer)) if *offer == pro()));
    assert!(written.is_nothing());
}

/// The price at terms of an earlier release, which did not check what Stripe can charge.
fn of_an_earlier_release() -> Price {
    Price { terms: terms(4_505, "KWD", BillingInterval::Month), ..monthly_price() }
}

#[tokio::test]
async fn a_price_that_stripe_cannot_charge_is_refused() {
    for (terms, part) in [
        (of_an_earlier_release().terms, "minorUnits"),
        (terms(100_000_000, "USD", BillingInterval::Year), "minorUnits"),
        (terms(1_000, "CLF", BillingInterval::Year), "currency"),
    ] {
        let sold = PlanOffer { prices: vec![of_an_earlier_release()], ..pro() };
        let (ports, written) = Stored { plans: vec![sold], ..catalog() }.ports();

        let refusal = change(ports, asking_for(terms)).await.unwrap_err();

        let told = refusal.told();
        assert_eq!(told.code, ErrorCode::InvalidRequest);
        assert!(
            matches!(told.facts, Facts::Amount { part: named, position: None } if named == part),
            "{terms}: {told:?}"
        );
        assert!(written.is_nothing());
    }
}

/// A client that lost the answer of an earlier release gets it from this one.
#[tokio::test]
async fn an_answered_request_is_replayed_though_stripe_cannot_charge_its_price() {
    let request = asking_for(terms(12_000, "USD", BillingInterval::Year));
    let (ports, written) = catalog().ports();
    change_once(ports, request.clone()).await.unwrap();
    let [(key, answered)] = written.remembered().try_into().unwrap();
    let earlier = |text: String| {
        text.replace(r#""minorUnits":12000,"currency":"USD""#, r#""minorUnits":4505,"currency":"KWD""#)
    };
    let answered = AnsweredRequest { request: earlier(answered.request), outcome: earlier(answered.outcome) };

    let (ports, written) = Stored { answered: Some((key, answered)), ..catalog() }.ports();
    let repeat = AddPrice { terms: terms(4_505, "KWD", BillingInterval::Year), ..request };
    let made = change_once(ports, repeat.clone()).await.unwrap();

    assert_eq!((made.is_new, made.value.terms), (true, repeat.terms));
    assert!(made.value.terms.check_sellable().is_err() && written.is_nothing());
}

#[tokio::test]
async fn a_price_that_stripe_cannot_charge_is_archived_by_hand_or_by_a_new_amount() {
    let sold = PlanOffer { prices: vec![of_an_earlier_release()], ..pro() };
    let archived = Price { archived_at: Some(now()), ..of_an_earlier_release() };

    let (ports, written) = Stored { plans: vec![sold.clone()], ..catalog() }.ports();
    let answer = change(ports, archive_price()).await.unwrap();
    assert_eq!(answer, archived);
    assert!(written.writes().contains(&Write::SavePrice(archived.clone())));

    let (ports, written) = Stored { plans: vec![sold], ..catalog() }.ports();
    change(ports, asking_for(terms(4_500, "KWD", BillingInterval::Month))).await.unwrap();
    assert!(written.writes().contains(&Write::SavePrice(archived)));
}

#[tokio::test]
async fn an_unchanged_answer_is_stored_under_the_key() {
    let (ports, written) = catalog().ports();
    let request = asking_for(monthly(1_250));
    let first = change_once(ports, request.clone()).await.unwrap();
    let sold_at_nothing = PlanOffer { prices: vec![], ..pro() };

    let (ports, _) =
        Stored { plans: vec![sold_at_nothing], answered: written.remembered().pop(), ..catalog() }.ports();
    let repeat = change_once(ports, request).await.unwrap();

    assert_eq!(repeat, first);
}

#[tokio::test]
async fn an_edit_conflict_returns_the_present_plan() {
    let (ports, written) = catalog().ports();
    let request = AddPrice { expected_version: Some(Version::NEW), ..add_price() };

    let refusal = change(ports, request).await.unwrap_err();

    assert!(matches!(refusal, Refused::Rule(PlanError::EditedMeanwhile(offer)) if *offer == pro()));
    assert!(written.is_nothing());
}

#[tokio::test]
async fn an_addition_without_a_version_is_unconditional() {
    let (ports, _) = catalog().ports();
    let request = AddPrice { expected_version: None, ..add_price() };
    assert!(change(ports, request).await.unwrap().is_new);
}

#[tokio::test]
async fn an_archived_or_default_plan_takes_no_price() {
    let mut archived = pro();
    archived.plan.archived_at = Some(now());
    let mut default = PlanOffer { prices: vec![], ..pro() };
    default.plan.details.is_default = true;

    for (plan, rule) in [(archived, PlanRefused::Archived), (default, PlanRefused::DefaultTakesNoPrices)] {
        let (ports, written) = Stored { plans: vec![plan], ..catalog() }.ports();
        let refusal = change(ports, add_price()).await.unwrap_err();
        assert!(matches!(refusal, Refused::Rule(PlanError::Refused(refused)) if refused == rule));
        assert!(written.is_nothing());
    }
}

#[tokio::test]
async fn a_key_is_bound_to_the_whole_request() {
    let first = add_price();
    let (ports, written) = catalog().ports();
    change_once(ports, first.clone()).await.unwrap();

    for other in [
        AddPrice { app_id: other_app_id(), ..first.clone() },
        AddPrice { terms: monthly(1_500), ..first.clone() },
        AddPrice { plan_id: PlanId::from_uuid(9), ..first.clone() },
    ] {
        let (ports, written) = Stored { answered: written.remembered().pop(), ..catalog() }.ports();
        let refusal = change_once(ports, other).await.unwrap_err();
        assert!(matches!(refusal, Refused::RequestKeyReused(_)) && written.is_nothing());
    }
}
