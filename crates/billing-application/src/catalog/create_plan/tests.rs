use billing_domain::{BillingInterval, Price, TrialDays};

use super::*;
use crate::testing::{
    Stored, Write, app_id, catalog, create_plan, monthly, now, other_app_id, pro, request_key, terms,
    workspace_id,
};

/// What [`create_plan`] asks for, with the ids it gets.
fn team() -> PlanOffer {
    let id = PlanId::from_uuid(1);
    let price = |number, terms| Price {
        id: PriceId::from_uuid(number),
        plan_id: id,
        terms,
        archived_at: None,
        created_at: now(),
    };
    PlanOffer {
        plan: Plan {
            id,
            workspace_id: workspace_id(),
            app_id: app_id(),
            key: create_plan().key,
            payer_kind: PayerKind::Organization,
            details: create_plan().details,
            archived_at: None,
            version: Version::NEW,
            created_at: now(),
        },
        prices: vec![price(2, monthly(5_000)), price(3, terms(50_000, "USD", BillingInterval::Year))],
        features: vec![],
    }
}

/// The catalog with `pro` as the default plan of its kind of payer.
fn with_a_default_plan() -> Stored {
    let mut default = pro();
    default.plan.details.is_default = true;
    default.prices.clear();
    Stored { plans: vec![default], ..catalog() }
}

fn default_plan_for(payer_kind: PayerKind) -> CreatePlanRequest {
    let details = PlanDetails { is_default: true, trial_days: TrialDays::NONE, ..create_plan().details };
    CreatePlanRequest { payer_kind, details, prices: vec![], ..create_plan() }
}

#[tokio::test]
async fn a_new_plan_is_saved_with_its_prices_and_an_audit_entry_for_each() {
    let (ports, written) = catalog().ports();

    let offer = CreatePlan::new(ports).execute(create_plan()).await.unwrap();

    assert_eq!(offer, team());
    let [monthly, yearly] = team().prices.try_into().unwrap();
    assert_eq!(
        written.writes(),
        [
            Write::InsertPlan(team().plan),
            Write::InsertPrice(monthly.clone()),
            Write::InsertPrice(yearly.clone()),
            Write::Commit
        ]
    );
    assert_eq!(
        written.audited(),
        [
            AuditedChange::Plan(Change::created(team().plan)),
            AuditedChange::Price(Change::created(monthly)),
            AuditedChange::Price(Change::created(yearly)),
        ]
    );
}

#[tokio::test]
async fn the_key_of_a_plan_that_is_sold_is_taken() {
    let (ports, written) = catalog().ports();
    let request = CreatePlanRequest { key: pro().plan.key, ..create_plan() };

    let refusal = CreatePlan::new(ports).execute(request).await.unwrap_err();

    assert!(matches!(refusal, PlanError::KeyTaken(key) if key == pro().plan.key));
    assert!(written.is_nothing());
}

#[tokio::test]
async fn the_key_of_an_archived_plan_can_be_used_again() {
    let mut stored = catalog();
    stored.plans[0].plan.archived_at = Some(now());
    let (ports, _) = stored.ports();
    let request = CreatePlanRequest { key: pro().plan.key, ..create_plan() };

    let offer = CreatePlan::new(ports).execute(request).await.unwrap();

    assert_eq!(offer.plan.key, pro().plan.key);
}

#[tokio::test]
async fn a_second_default_plan_of_the_same_kind_of_payer_is_refused() {
    let (ports, written) = with_a_default_plan().ports();

    let refusal = CreatePlan::new(ports).execute(default_plan_for(PayerKind::User)).await.unwrap_err();

    assert!(matches!(refusal, PlanError::DefaultTaken(plan) if plan.id == pro().plan.id));
    assert!(written.is_nothing());
}

#[tokio::test]
async fn each_kind_of_payer_can_have_a_default_plan() {
    let (ports, written) = with_a_default_plan().ports();

    CreatePlan::new(ports).execute(default_plan_for(PayerKind::Organization)).await.unwrap();

    assert!(written.writes().ends_with(&[Write::Commit]));
}

#[tokio::test]
async fn an_ordinary_plan_can_stand_beside_the_default_one() {
    let (ports, written) = with_a_default_plan().ports();
    let request = CreatePlanRequest { payer_kind: PayerKind::User, ..create_plan() };

    CreatePlan::new(ports).execute(request).await.unwrap();

    assert!(written.writes().ends_with(&[Write::Commit]));
}

#[tokio::test]
async fn two_prices_of_one_currency_and_interval_are_refused() {
    for second in [monthly(5_000), monthly(6_000)] {
        let (ports, written) = catalog().ports();
        let request = CreatePlanRequest { prices: vec![monthly(5_000), second], ..create_plan() };

        let refusal = CreatePlan::new(ports).execute(request).await.unwrap_err();

        assert!(matches!(refusal, PlanError::Refused(PlanRefused::PriceTwice)), "{second}");
        assert!(written.is_nothing());
    }
}

#[tokio::test]
async fn a_default_plan_that_is_not_free_is_refused() {
    let free = default_plan_for(PayerKind::Organization);
    let with_a_price = CreatePlanRequest { prices: vec![monthly(5_000)], ..free.clone() };
    let details = PlanDetails { trial_days: TrialDays::new(14).unwrap(), ..free.details.clone() };
    for request in [with_a_price, CreatePlanRequest { details, ..free }] {
        let (ports, written) = catalog().ports();

        let refusal = CreatePlan::new(ports).execute(request).await.unwrap_err();

        assert!(matches!(refusal, PlanError::Refused(PlanRefused::DefaultMustBeFree)));
        assert!(written.is_nothing());
    }
}

#[tokio::test]
async fn a_key_stands_for_all_of_the_request() {
    let first = CreatePlanRequest { request_key: Some(request_key()), ..create_plan() };
    let (ports, written) = catalog().ports();
    CreatePlan::new(ports).execute(first.clone()).await.unwrap();
    let details = PlanDetails { trial_days: TrialDays::NONE, ..first.details.clone() };

    for other in [
        CreatePlanRequest { app_id: other_app_id(), ..first.clone() },
        CreatePlanRequest { key: PlanKey::parse("teams").unwrap(), ..first.clone() },
        CreatePlanRequest { payer_kind: PayerKind::User, ..first.clone() },
        CreatePlanRequest { details, ..first.clone() },
        CreatePlanRequest { prices: vec![monthly(5_000)], ..first.clone() },
    ] {
        let (ports, written) = Stored { answered: written.remembered().pop(), ..catalog() }.ports();
        let refusal = CreatePlan::new(ports).execute(other).await.unwrap_err();
        assert!(matches!(refusal, PlanError::RequestKeyReused(_)) && written.is_nothing());
    }
}
