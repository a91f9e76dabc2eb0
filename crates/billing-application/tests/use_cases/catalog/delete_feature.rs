use crate::prelude::*;
use crate::testing::{Stored, Write, catalog, change, delete_feature, export, export_in, sso};

fn deleting_export() -> DeleteFeature {
    DeleteFeature { key: export().key, ..delete_feature() }
}

#[tokio::test]
async fn an_unattached_feature_is_deleted() {
    let (ports, written) = catalog().ports();

    change(ports, delete_feature()).await.unwrap();

    assert_eq!(written.writes(), [Write::DeleteFeature(sso().id), Write::Commit]);
    assert_eq!(written.audited(), [AuditedChange::deleted(&sso()).unwrap()]);
}

#[tokio::test]
async fn deleting_an_attached_feature_is_refused_with_its_plans() {
    let (ports, written) = Stored { plans: export_in(&["Pro", "Team"]), ..catalog() }.ports();

    let refusal = change(ports, deleting_export()).await.unwrap_err();

    assert_eq!(
        refusal.to_string(),
        "This feature is attached to “Pro”, “Team”. Detach it first: whoever has such a plan would lose it."
    );
    let Refused::Rule(FeatureError::InUse(plans)) = refusal else { panic!("{refusal:?}") };
    let in_the_way: Vec<_> = export_in(&["Pro", "Team"]).into_iter().map(|offer| offer.plan).collect();
    assert_eq!(plans, in_the_way);
    assert!(written.is_nothing());
}

#[tokio::test]
async fn the_message_names_three_plans_and_the_refusal_twenty() {
    let (ports, _) = Stored { plans: export_in(&["A"; 30]), ..catalog() }.ports();

    let refusal = change(ports, deleting_export()).await.unwrap_err();

    assert!(refusal.to_string().contains("attached to “A”, “A”, “A” and more plans. Detach"), "{refusal}");
    assert!(matches!(refusal, Refused::Rule(FeatureError::InUse(plans)) if plans.len() == 20));
}

#[tokio::test]
async fn an_unknown_feature_is_absent() {
    let (ports, written) = Stored { features: vec![], ..catalog() }.ports();

    let refusal = change(ports, delete_feature()).await.unwrap_err();

    assert!(matches!(refusal, Refused::Absent(Absent::Feature)));
    assert!(written.is_nothing());
}
