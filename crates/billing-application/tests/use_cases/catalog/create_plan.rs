use crate::prelude::*;
use crate::testing::{
    Stored, Write, app_id, catalog, change, change_once, create_plan, export, monthly, now, other_app_id,
    pro, sso, terms, workspace_id,
};

/// The plan that [`create_plan`] creates.
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

fn default_plan_for(payer_kind: PayerKind) -> CreatePlan {
    let details = PlanDetails { is_default: true, ..create_plan().details };
    CreatePlan { payer_kind, details, prices: vec![], ..create_plan() }
}

#[tokio::test]
async fn a_new_plan_is_saved_with_its_prices_and_an_audit_entry_for_each() {
    let (ports, written) = catalog().ports();

    let offer = change(ports, create_plan()).await.unwrap();

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
            AuditedChange::created(&team().plan).unwrap(),
            AuditedChange::created(&PlanPrice::new(&team().plan, &monthly)).unwrap(),
            AuditedChange::created(&PlanPrice::new(&team().plan, &yearly)).unwrap(),
        ]
    );
}

#[tokio::test]
async fn a_new_plan_has_each_feature_once_and_an_audit_entry_for_each() {
    let (ports, written) = catalog().ports();
    let request =
        CreatePlan { prices: vec![], features: vec![sso().key, export().key, sso().key], ..create_plan() };

    let offer = change(ports, request).await.unwrap();

    let plan = PlanOffer { prices: vec![], features: vec![export(), sso()], ..team() };
    assert_eq!(offer, plan);
    let attached = |feature: &Feature| Write::AttachFeature(plan.plan.id, feature.id);
    assert_eq!(
        written.writes(),
        [Write::InsertPlan(plan.plan.clone()), attached(&export()), attached(&sso()), Write::Commit]
    );
    let attachment =
        |feature: Feature| AuditedChange::created(&PlanFeature::new(&plan.plan, &feature)).unwrap();
    assert_eq!(
        written.audited(),
        [AuditedChange::created(&plan.plan).unwrap(), attachment(export()), attachment(sso())]
    );
}

#[tokio::test]
async fn a_feature_that_the_app_does_not_have_is_refused_with_its_key() {
    let unknown = FeatureKey::parse("api").unwrap();
    let of_another_app = CreatePlan { app_id: other_app_id(), features: vec![sso().key], ..create_plan() };
    let of_none = CreatePlan { features: vec![sso().key, unknown.clone()], ..create_plan() };
    for (request, named) in [(of_another_app, sso().key), (of_none, unknown)] {
        let (ports, written) = catalog().ports();

        let refusal = change(ports, request).await.unwrap_err();

        assert!(matches!(refusal.told().facts, Facts::Field("features")));
        assert!(matches!(refusal, Refused::Rule(PlanError::FeatureUnknown(key)) if key == named));
        assert!(written.is_nothing());
    }
}

#[tokio::test]
async fn a_new_plan_has_at_most_as_many_features_as_any_plan() {
    let many: Vec<_> = (0..=PlanOffer::MOST_FEATURES as u128)
        .map(|number| Feature {
            id: FeatureId::from_uuid(3_000 + number),
            key: FeatureKey::parse(&format!("feature_{number}")).unwrap(),
            ..sso()
        })
        .collect();
    let keys: Vec<_> = many.iter().map(|feature| feature.key.clone()).collect();
    let stored = Stored { features: many, ..catalog() };
    let (ports, written) = stored.clone().ports();

    let refusal = change(ports, CreatePlan { features: keys.clone(), ..create_plan() }).await.unwrap_err();

    assert!(matches!(refusal, Refused::Rule(PlanError::Refused(PlanRefused::TooManyFeatures))));
    assert!(written.is_nothing());
    let (ports, _) = stored.ports();
    let offer = change(ports, CreatePlan { features: keys[1..].to_vec(), ..create_plan() }).await.unwrap();
    assert_eq!(offer.features.len(), PlanOffer::MOST_FEATURES);
}

/// Requests that were answered before plans could be made with features are replayed.
#[test]
fn a_request_without_features_has_the_fingerprint_it_always_had() {
    let request = serde_json::to_value(create_plan()).unwrap();
    let fields: Vec<_> = request.as_object().unwrap().keys().collect();
    assert_eq!(fields, ["app_id", "details", "key", "payer_kind", "prices"]);
}

#[tokio::test]
async fn the_key_of_an_active_plan_is_taken() {
    let (ports, written) = catalog().ports();
    let request = CreatePlan { key: pro().plan.key, ..create_plan() };

    let refusal = change(ports, request).await.unwrap_err();

    assert!(matches!(refusal, Refused::Rule(PlanError::KeyTaken(key)) if key == pro().plan.key));
    assert!(written.is_nothing());
}

#[tokio::test]
async fn the_key_of_an_archived_plan_can_be_used_again() {
    let mut stored = catalog();
    stored.plans[0].plan.archived_at = Some(now());
    let (ports, _) = stored.ports();
    let request = CreatePlan { key: pro().plan.key, ..create_plan() };

    let offer = change(ports, request).await.unwrap();

    assert_eq!(offer.plan.key, pro().plan.key);
}

#[tokio::test]
async fn a_second_default_plan_of_the_same_kind_of_payer_is_refused() {
    let (ports, written) = with_a_default_plan().ports();

    let refusal = change(ports, default_plan_for(PayerKind::User)).await.unwrap_err();

    assert!(matches!(refusal, Refused::Rule(PlanError::DefaultTaken(plan)) if plan.id == pro().plan.id));
    assert!(written.is_nothing());
}

#[tokio::test]
async fn each_kind_of_payer_can_have_a_default_plan() {
    let (ports, written) = with_a_default_plan().ports();

    change(ports, default_plan_for(PayerKind::Organization)).await.unwrap();

    assert!(written.writes().ends_with(&[Write::Commit]));
}

#[tokio::test]
async fn a_default_plan_does_not_exclude_ordinary_plans() {
    let (ports, written) = with_a_default_plan().ports();
    let request = CreatePlan { payer_kind: PayerKind::User, ..create_plan() };

    change(ports, request).await.unwrap();

    assert!(written.writes().ends_with(&[Write::Commit]));
}

#[tokio::test]
async fn two_prices_of_one_currency_and_interval_are_refused() {
    for second in [monthly(5_000), monthly(6_000)] {
        let (ports, written) = catalog().ports();
        let request = CreatePlan { prices: vec![monthly(5_000), second], ..create_plan() };

        let refusal = change(ports, request).await.unwrap_err();

        assert!(matches!(refusal, Refused::Rule(PlanError::Refused(PlanRefused::PriceTwice))), "{second}");
        assert!(written.is_nothing());
    }
}

#[tokio::test]
async fn a_price_that_stripe_cannot_charge_is_refused_with_its_position() {
    for (terms, part) in [
        (terms(4_505, "KWD", BillingInterval::Month), "minorUnits"),
        (terms(100_000_000, "USD", BillingInterval::Year), "minorUnits"),
        (terms(1_000, "CLF", BillingInterval::Year), "currency"),
    ] {
        let (ports, written) = catalog().ports();
        let request = CreatePlan { prices: vec![monthly(5_000), terms], ..create_plan() };

        let refusal = change(ports, request).await.unwrap_err();

        let told = refusal.told();
        assert_eq!(told.code, ErrorCode::InvalidRequest);
        assert!(
            matches!(told.facts, Facts::Amount { part: named, position: Some(1) } if named == part),
            "{terms}: {told:?}"
        );
        assert!(written.is_nothing());
    }
}

#[tokio::test]
async fn a_default_plan_that_is_not_free_is_refused() {
    let free = default_plan_for(PayerKind::Organization);
    let with_a_price = CreatePlan { prices: vec![monthly(5_000)], ..free.clone() };
    let details = PlanDetails { trial_days: TrialDays::new(14).unwrap(), ..free.details.clone() };
    for request in [with_a_price, CreatePlan { details, ..free }] {
        let (ports, written) = catalog().ports();

        let refusal = change(ports, request).await.unwrap_err();

        assert!(matches!(refusal, Refused::Rule(PlanError::Refused(PlanRefused::NewDefaultMustBeFree))));
        assert!(written.is_nothing());
    }
}

#[tokio::test]
async fn a_key_is_bound_to_the_whole_request() {
    let first = create_plan();
    let (ports, written) = catalog().ports();
    change_once(ports, first.clone()).await.unwrap();
    let details = PlanDetails { visibility: Visibility::Public, ..first.details.clone() };

    for other in [
        CreatePlan { app_id: other_app_id(), ..first.clone() },
        CreatePlan { key: PlanKey::parse("teams").unwrap(), ..first.clone() },
        CreatePlan { payer_kind: PayerKind::User, ..first.clone() },
        CreatePlan { details, ..first.clone() },
        CreatePlan { prices: vec![monthly(5_000)], ..first.clone() },
        CreatePlan { features: vec![sso().key], ..first.clone() },
    ] {
        let (ports, written) = Stored { answered: written.remembered().pop(), ..catalog() }.ports();
        let refusal = change_once(ports, other).await.unwrap_err();
        assert!(matches!(refusal, Refused::RequestKeyReused(_)) && written.is_nothing());
    }
}
