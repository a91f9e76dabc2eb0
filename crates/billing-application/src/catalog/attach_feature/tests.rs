use billing_domain::{FeatureId, PlanRefused, Version};

use super::*;
use crate::testing::{
    Stored, Write, app_id, at, attach_feature, catalog, export, now, other_app_id, plan_feature, pro,
    request_key, sso, workspace_id,
};

fn attaching_a_new_one() -> AttachFeatureRequest {
    AttachFeatureRequest {
        key: FeatureKey::parse("api").unwrap(),
        name: Some(DisplayName::parse("API").unwrap()),
        description: Some(Description::parse("For programs").unwrap()),
        ..attach_feature()
    }
}

fn saved_with(feature: FeatureId) -> [Write; 3] {
    let save = Write::SavePlan { plan: pro().changed_plan(), loaded: pro().plan.version };
    [save, Write::AttachFeature(pro().plan.id, feature), Write::Commit]
}

fn attached(key: &str) -> AuditedChange {
    AuditedChange::PlanFeature(Change::created(plan_feature(key)))
}

#[tokio::test]
async fn a_feature_the_app_has_is_attached_as_it_is() {
    let (ports, written) = catalog().ports();
    let request = AttachFeatureRequest { name: attaching_a_new_one().name, ..attach_feature() };

    let made = AttachFeature::new(ports).execute(request).await.unwrap();

    assert_eq!(made, Made { value: sso(), is_new: true });
    assert_eq!(written.writes(), saved_with(sso().id));
    assert_eq!(written.audited(), [attached("sso")]);
}

#[tokio::test]
async fn a_feature_the_app_does_not_have_is_created_first() {
    let (ports, written) = catalog().ports();

    let made = AttachFeature::new(ports).execute(attaching_a_new_one()).await.unwrap();

    let api = Feature {
        id: FeatureId::from_uuid(1),
        workspace_id: workspace_id(),
        app_id: app_id(),
        key: attaching_a_new_one().key,
        details: FeatureDetails {
            name: attaching_a_new_one().name.unwrap(),
            description: attaching_a_new_one().description,
        },
        version: Version::NEW,
        created_at: now(),
    };
    assert_eq!(made, Made { value: api.clone(), is_new: true });
    let writes = [&[Write::InsertFeature(api.clone())][..], &saved_with(api.id)].concat();
    assert_eq!(written.writes(), writes);
    assert_eq!(written.audited(), [AuditedChange::Feature(Change::created(api)), attached("api")]);
}

#[tokio::test]
async fn a_feature_is_not_created_without_a_name() {
    let (ports, written) = catalog().ports();
    let request = AttachFeatureRequest { name: None, ..attaching_a_new_one() };

    let refusal = AttachFeature::new(ports).execute(request).await.unwrap_err();

    assert!(matches!(refusal, PlanError::FeatureNameMissing(key) if key == attaching_a_new_one().key));
    assert!(written.is_nothing());
}

#[tokio::test]
async fn attaching_an_attached_feature_changes_nothing() {
    let (ports, written) = catalog().ports();
    let request = AttachFeatureRequest { key: export().key, ..attaching_a_new_one() };

    let made = AttachFeature::new(ports).execute(request).await.unwrap();

    assert_eq!(made, Made { value: export(), is_new: false });
    assert_eq!(written.writes(), [Write::Commit]);
    assert_eq!(written.audited(), []);
}

#[tokio::test]
async fn those_who_have_an_archived_plan_can_be_given_more() {
    let mut stored = catalog();
    stored.plans[0].plan.archived_at = Some(at(60));
    let (ports, _) = stored.ports();
    assert!(AttachFeature::new(ports).execute(attach_feature()).await.unwrap().is_new);
}

#[tokio::test]
async fn a_plan_has_a_bounded_number_of_features() {
    let features = vec![export(); PlanOffer::MOST_FEATURES];
    let (ports, written) = Stored { plans: vec![PlanOffer { features, ..pro() }], ..catalog() }.ports();

    let refusal = AttachFeature::new(ports).execute(attach_feature()).await.unwrap_err();

    assert!(matches!(refusal, PlanError::Refused(PlanRefused::TooManyFeatures)));
    assert!(written.is_nothing());
}

#[tokio::test]
async fn a_key_stands_for_all_of_the_request() {
    let first = AttachFeatureRequest { request_key: Some(request_key()), ..attaching_a_new_one() };
    let (ports, written) = catalog().ports();
    AttachFeature::new(ports).execute(first.clone()).await.unwrap();

    for other in [
        AttachFeatureRequest { app_id: other_app_id(), ..first.clone() },
        AttachFeatureRequest { plan_id: PlanId::from_uuid(9), ..first.clone() },
        AttachFeatureRequest { key: sso().key, ..first.clone() },
        AttachFeatureRequest { name: None, ..first.clone() },
        AttachFeatureRequest { description: None, ..first.clone() },
    ] {
        let (ports, written) = Stored { answered: written.remembered().pop(), ..catalog() }.ports();
        let refusal = AttachFeature::new(ports).execute(other).await.unwrap_err();
        assert!(matches!(refusal, PlanError::RequestKeyReused(_)) && written.is_nothing());
    }
}
