use crate::prelude::*;
use crate::testing::{Stored, Write, catalog, change, export, update_feature};

fn description() -> Description {
    Description::parse("As a spreadsheet").unwrap()
}

#[tokio::test]
async fn a_patch_keeps_omitted_fields() {
    let mut described = export();
    described.details.description = Some(description());
    let (ports, written) = Stored { features: vec![described.clone()], ..catalog() }.ports();

    let feature = change(ports, update_feature()).await.unwrap();

    let details = FeatureDetails { name: update_feature().name.unwrap(), description: Some(description()) };
    let renamed = Feature { details, version: Version::from_stored(8), ..export() };
    assert_eq!(feature, renamed);
    let save = Write::SaveFeature { feature: renamed.clone(), loaded: Version::from_stored(7) };
    assert_eq!(written.writes(), [save, Write::Commit]);
    assert_eq!(written.audited(), [AuditedChange::changed(&described, &renamed).unwrap()]);
}

#[tokio::test]
async fn a_description_can_be_set_and_removed() {
    for (before, after) in [(None, Some(description())), (Some(description()), None)] {
        let mut stored = catalog();
        stored.features[0].details.description = before;
        let (ports, _) = stored.ports();
        let request = UpdateFeature { name: None, description: Some(after.clone()), ..update_feature() };

        let feature = change(ports, request).await.unwrap();

        assert_eq!(feature.details, FeatureDetails { description: after, ..export().details });
    }
}

#[tokio::test]
async fn the_same_values_change_nothing() {
    let (ports, written) = catalog().ports();
    let request =
        UpdateFeature { name: Some(export().details.name), description: Some(None), ..update_feature() };

    let feature = change(ports, request).await.unwrap();

    assert_eq!(feature, export());
    assert!(written.is_nothing());
}

/// docs/errors.md, `concurrent_change`: whoever sends a version that is not the current one is told so, even if
/// nothing would change.
#[tokio::test]
async fn the_same_values_over_a_stale_version_are_refused() {
    let (ports, written) = catalog().ports();
    let request = UpdateFeature {
        expected_version: Some(Version::NEW),
        name: Some(export().details.name),
        description: Some(None),
        ..update_feature()
    };

    let refusal = change(ports, request).await.unwrap_err();

    assert!(matches!(refusal, Refused::Rule(FeatureError::EditedMeanwhile(feature)) if *feature == export()));
    assert!(written.is_nothing());
}

#[tokio::test]
async fn an_edit_conflict_returns_the_present_feature() {
    let (ports, written) = catalog().ports();
    let request = UpdateFeature { expected_version: Some(Version::NEW), ..update_feature() };

    let refusal = change(ports, request).await.unwrap_err();

    assert!(matches!(refusal, Refused::Rule(FeatureError::EditedMeanwhile(feature)) if *feature == export()));
    assert!(written.is_nothing());
}

#[tokio::test]
async fn an_update_without_a_version_is_unconditional() {
    let (ports, written) = catalog().ports();
    let request = UpdateFeature { expected_version: None, ..update_feature() };

    change(ports, request).await.unwrap();

    assert!(written.writes().ends_with(&[Write::Commit]));
}

#[tokio::test]
async fn an_unknown_feature_is_absent() {
    let (ports, written) = Stored { features: vec![], ..catalog() }.ports();

    let refusal = change(ports, update_feature()).await.unwrap_err();

    assert!(matches!(refusal, Refused::Absent(Absent::Feature)));
    assert!(written.is_nothing());
}
