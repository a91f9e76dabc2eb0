use crate::prelude::*;
use crate::testing::{
    Stored, Write, app_id, catalog, change, change_once, create_feature, now, other_app_id, sso, workspace_id,
};

#[tokio::test]
async fn a_new_feature_is_attached_to_no_plan() {
    let (ports, written) = catalog().ports();

    let feature = change(ports, create_feature()).await.unwrap();

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
    assert_eq!(written.audited(), [AuditedChange::created(&api).unwrap()]);
}

#[tokio::test]
async fn the_key_of_an_existing_feature_is_taken() {
    let (ports, written) = catalog().ports();
    let request = CreateFeature { key: sso().key, ..create_feature() };

    let refusal = change(ports, request).await.unwrap_err();

    assert!(matches!(refusal, Refused::Rule(FeatureError::KeyTaken(key)) if key == sso().key));
    assert!(written.is_nothing());
}

#[tokio::test]
async fn a_key_is_bound_to_the_whole_request() {
    let first = create_feature();
    let (ports, written) = catalog().ports();
    change_once(ports, first.clone()).await.unwrap();
    let details = FeatureDetails { name: DisplayName::parse("Interface").unwrap(), description: None };

    for other in [
        CreateFeature { app_id: other_app_id(), ..first.clone() },
        CreateFeature { key: FeatureKey::parse("rest").unwrap(), ..first.clone() },
        CreateFeature { details, ..first.clone() },
    ] {
        let (ports, written) = Stored { answered: written.remembered().pop(), ..catalog() }.ports();
        let refusal = change_once(ports, other).await.unwrap_err();
        assert!(matches!(refusal, Refused::RequestKeyReused(_)) && written.is_nothing());
    }
}
