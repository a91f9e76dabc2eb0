use crate::prelude::*;
use crate::testing::{
    Stored, Write, app_id, at, attach_feature, catalog, change, change_once, export, now, other_app_id, pro,
    sso, workspace_id,
};

fn attaching_a_new_one() -> AttachFeature {
    AttachFeature {
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

fn attached(feature: &Feature) -> AuditedChange {
    AuditedChange::created(&PlanFeature::new(&pro().plan, feature)).unwrap()
}

#[tokio::test]
async fn an_existing_feature_is_attached_unchanged() {
    let (ports, written) = catalog().ports();
    let request = AttachFeature { name: attaching_a_new_one().name, ..attach_feature() };

    let made = change(ports, request).await.unwrap();

    assert_eq!(made, Made { value: sso(), is_new: true });
    assert_eq!(written.writes(), saved_with(sso().id));
    assert_eq!(written.audited(), [attached(&sso())]);
}

#[tokio::test]
async fn an_unknown_feature_is_created_first() {
    let (ports, written) = catalog().ports();

    let made = change(ports, attaching_a_new_one()).await.unwrap();

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
    assert_eq!(written.audited(), [AuditedChange::created(&api).unwrap(), attached(&api)]);
}

#[tokio::test]
async fn a_feature_is_not_created_without_a_name() {
    let (ports, written) = catalog().ports();
    let request = AttachFeature { name: None, ..attaching_a_new_one() };

    let refusal = change(ports, request).await.unwrap_err();

    assert!(
        matches!(refusal, Refused::Rule(PlanError::FeatureNameMissing(key)) if key == attaching_a_new_one().key)
    );
    assert!(written.is_nothing());
}

#[tokio::test]
async fn attaching_an_attached_feature_changes_nothing() {
    let (ports, written) = catalog().ports();
    let request = AttachFeature { key: export().key, ..attaching_a_new_one() };

    let made = change(ports, request).await.unwrap();

    assert_eq!(made, Made { value: export(), is_new: false });
    assert!(written.is_nothing());
}

#[tokio::test]
async fn a_feature_can_be_attached_to_an_archived_plan() {
    let mut stored = catalog();
    stored.plans[0].plan.archived_at = Some(at(60));
    let (ports, _) = stored.ports();
    assert!(change(ports, attach_feature()).await.unwrap().is_new);
}

#[tokio::test]
async fn a_plan_has_a_bounded_number_of_features() {
    let features = vec![export(); PlanOffer::MOST_FEATURES];
    let (ports, written) = Stored { plans: vec![PlanOffer { features, ..pro() }], ..catalog() }.ports();

    let refusal = change(ports, attach_feature()).await.unwrap_err();

    assert!(matches!(refusal, Refused::Rule(PlanError::Refused(PlanRefused::TooManyFeatures))));
    assert!(written.is_nothing());
}

#[tokio::test]
async fn a_key_is_bound_to_the_whole_request() {
    let first = attaching_a_new_one();
    let (ports, written) = catalog().ports();
    change_once(ports, first.clone()).await.unwrap();

    for other in [
        AttachFeature { app_id: other_app_id(), ..first.clone() },
        AttachFeature { plan_id: PlanId::from_uuid(9), ..first.clone() },
        AttachFeature { key: sso().key, ..first.clone() },
        AttachFeature { name: None, ..first.clone() },
        AttachFeature { description: None, ..first.clone() },
    ] {
        let (ports, written) = Stored { answered: written.remembered().pop(), ..catalog() }.ports();
        let refusal = change_once(ports, other).await.unwrap_err();
        assert!(matches!(refusal, Refused::RequestKeyReused(_)) && written.is_nothing());
    }
}
