use crate::prelude::*;
use crate::testing::{Stored, Write, catalog, change, follows, now, pro, update_plan};

fn becoming_the_default() -> UpdatePlan {
    let patch = PlanPatch { is_default: Some(true), ..PlanPatch::default() };
    UpdatePlan { patch, ..update_plan() }
}

/// `pro` without prices, and the default plan for this kind of payer.
fn beside_the_default_for(payer_kind: PayerKind) -> Stored {
    let unpriced = PlanOffer { prices: vec![], ..pro() };
    let mut default = unpriced.clone();
    default.plan.id = PlanId::from_uuid(2_000);
    default.plan.payer_kind = payer_kind;
    default.plan.details.is_default = true;
    Stored { plans: vec![unpriced, default], ..catalog() }
}

#[tokio::test]
async fn a_patch_keeps_omitted_fields() {
    let (ports, written) = catalog().ports();

    let offer = change(ports, update_plan()).await.unwrap();

    let details = PlanDetails { name: update_plan().patch.name.unwrap(), ..pro().plan.details };
    let renamed = Plan { details, version: Version::from_stored(6), ..pro().plan };
    assert_eq!(offer, PlanOffer { plan: renamed.clone(), ..pro() });
    let save = Write::SavePlan { plan: renamed.clone(), loaded: Version::from_stored(5) };
    assert_eq!(written.writes(), [save, follows(&renamed), Write::Commit]);
    assert_eq!(written.audited(), [AuditedChange::changed(&pro().plan, &renamed).unwrap()]);
}

#[tokio::test]
async fn every_given_field_is_changed() {
    let (ports, _) = beside_the_default_for(PayerKind::Organization).ports();
    let details = PlanDetails {
        name: DisplayName::parse("Free").unwrap(),
        description: Some(Description::parse("For everyone").unwrap()),
        trial_days: TrialDays::NONE,
        visibility: Visibility::Hidden,
        is_default: true,
    };
    let patch = PlanPatch {
        name: Some(details.name.clone()),
        description: Some(details.description.clone()),
        trial_days: Some(details.trial_days),
        visibility: Some(details.visibility),
        is_default: Some(details.is_default),
    };

    let offer = change(ports, UpdatePlan { patch, ..update_plan() }).await.unwrap();

    assert_eq!(offer.plan.details, details);
}

#[tokio::test]
async fn a_description_and_a_trial_can_be_removed() {
    let mut stored = catalog();
    stored.plans[0].plan.details.description = Some(Description::parse("For everyone").unwrap());
    stored.plans[0].plan.details.trial_days = TrialDays::new(14).unwrap();
    let (ports, _) = stored.ports();
    let patch =
        PlanPatch { description: Some(None), trial_days: Some(TrialDays::NONE), ..PlanPatch::default() };

    let offer = change(ports, UpdatePlan { patch, ..update_plan() }).await.unwrap();

    assert_eq!(offer.plan.details, pro().plan.details);
}

#[tokio::test]
async fn the_same_values_change_nothing() {
    let (ports, written) = catalog().ports();
    let request = UpdatePlan {
        patch: PlanPatch { name: Some(pro().plan.details.name), ..PlanPatch::default() },
        ..update_plan()
    };

    let offer = change(ports, request).await.unwrap();

    assert_eq!(offer, pro());
    assert!(written.is_nothing());
}

/// docs/errors.md, `concurrent_change`: whoever sends a version that is not the current one is told so, even if
/// nothing would change.
#[tokio::test]
async fn the_same_values_over_a_stale_version_are_refused() {
    let (ports, written) = catalog().ports();
    let request = UpdatePlan {
        expected_version: Some(Version::NEW),
        patch: PlanPatch { name: Some(pro().plan.details.name), ..PlanPatch::default() },
        ..update_plan()
    };

    let refusal = change(ports, request).await.unwrap_err();

    assert!(matches!(refusal, Refused::Rule(PlanError::EditedMeanwhile(offer)) if *offer == pro()));
    assert!(written.is_nothing());
}

#[tokio::test]
async fn an_edit_conflict_returns_the_present_plan() {
    let (ports, written) = catalog().ports();
    let request = UpdatePlan { expected_version: Some(Version::NEW), ..update_plan() };

    let refusal = change(ports, request).await.unwrap_err();

    assert!(matches!(refusal, Refused::Rule(PlanError::EditedMeanwhile(offer)) if *offer == pro()));
    assert!(written.is_nothing());
}

#[tokio::test]
async fn an_update_without_a_version_is_unconditional() {
    let (ports, written) = catalog().ports();
    let request = UpdatePlan { expected_version: None, ..update_plan() };

    change(ports, request).await.unwrap();

    assert!(written.writes().ends_with(&[Write::Commit]));
}

#[tokio::test]
async fn a_second_default_plan_of_the_same_kind_of_payer_is_refused() {
    let (ports, written) = beside_the_default_for(PayerKind::User).ports();

    let refusal = change(ports, becoming_the_default()).await.unwrap_err();

    assert!(
        matches!(refusal, Refused::Rule(PlanError::DefaultTaken(plan)) if plan.id == PlanId::from_uuid(2_000))
    );
    assert!(written.is_nothing());
}

#[tokio::test]
async fn each_kind_of_payer_can_have_a_default_plan() {
    let (ports, _) = beside_the_default_for(PayerKind::Organization).ports();

    let offer = change(ports, becoming_the_default()).await.unwrap();

    assert!(offer.plan.details.is_default);
}

#[tokio::test]
async fn an_edited_default_plan_stays_the_default() {
    let mut stored = beside_the_default_for(PayerKind::User);
    stored.plans.remove(0);
    let (ports, _) = stored.ports();
    let request = UpdatePlan { plan_id: PlanId::from_uuid(2_000), expected_version: None, ..update_plan() };

    let offer = change(ports, request).await.unwrap();

    assert!(offer.plan.details.is_default);
}

#[tokio::test]
async fn a_plan_that_is_not_free_cannot_become_the_default() {
    let (ports, written) = catalog().ports();

    let refusal = change(ports, becoming_the_default()).await.unwrap_err();

    assert!(matches!(refusal, Refused::Rule(PlanError::Refused(PlanRefused::DefaultMustBeFree { .. }))));
    assert!(written.is_nothing());
}

#[tokio::test]
async fn an_archived_plan_is_not_changed() {
    let mut stored = catalog();
    stored.plans[0].plan.archived_at = Some(now());
    let (ports, written) = stored.ports();

    let refusal = change(ports, update_plan()).await.unwrap_err();

    assert!(matches!(refusal, Refused::Rule(PlanError::Refused(PlanRefused::Archived))));
    assert!(written.is_nothing());
}
