use billing_domain::{DisplayName, FeatureId, Version};

use super::*;
use crate::testing::{
    Stored, Write, app_id, catalog, create_feature, now, other_app_id, request_key, sso, workspace_id,
};

#[tokio::test]
async fn a_new_feature_is_attached_to_no_plan() {
    let (ports, written) = catalog().ports();

    let feature = CreateFeature::new(ports).execute(create_feature()).await.unwrap();

    let api = Feature {
        id: FeatureId::from_uuid(1),
        workspace_id: workspace_id(),
        app_id: app_id(),
        key: create_feature().key,
        details: create_feature().details,
        version: Version::NEW,
        created_at: now(),
    };
    assert_eq!(feature, api);
    assert_eq!(written.writes(), [Write::InsertFeature(api.clone()), Write::Commit]);
    assert_eq!(written.audited(), [AuditedChange::Feature(Change::created(api))]);
}

#[tokio::test]
async fn the_key_of_a_feature_of_the_app_is_taken() {
    let (ports, written) = catalog().ports();
    let request = CreateFeatureRequest { key: sso().key, ..create_feature() };

    let refusal = CreateFeature::new(ports).execute(request).await.unwrap_err();

    assert!(matches!(refusal, FeatureError::KeyTaken(key) if key == sso().key));
    assert!(written.is_nothing());
}

#[tokio::test]
async fn a_key_stands_for_all_of_the_request() {
    let first = CreateFeatureRequest { request_key: Some(request_key()), ..create_feature() };
    let (ports, written) = catalog().ports();
    CreateFeature::new(ports).execute(first.clone()).await.unwrap();
    let details = FeatureDetails { name: DisplayName::parse("Interface").unwrap(), description: None };

    for other in [
        CreateFeatureRequest { app_id: other_app_id(), ..first.clone() },
        CreateFeatureRequest { key: FeatureKey::parse("rest").unwrap(), ..first.clone() },
        CreateFeatureRequest { details, ..first.clone() },
    ] {
        let (ports, written) = Stored { answered: written.remembered().pop(), ..catalog() }.ports();
        let refusal = CreateFeature::new(ports).execute(other).await.unwrap_err();
        assert!(matches!(refusal, FeatureError::RequestKeyReused(_)) && written.is_nothing());
    }
}
