use crate::prelude::*;
use crate::testing::{Write, catalog, change, detach_feature, export, pro, sso};

#[tokio::test]
async fn a_detached_feature_is_removed_from_the_plan() {
    let (ports, written) = catalog().ports();

    change(ports, detach_feature()).await.unwrap();

    let save = Write::SavePlan { plan: pro().changed_plan(), loaded: pro().plan.version };
    let detach = Write::DetachFeature(pro().plan.id, export().id);
    assert_eq!(written.writes(), [save, detach, Write::Commit]);
    let detached = AuditedChange::deleted(&PlanFeature::new(&pro().plan, &export())).unwrap();
    assert_eq!(written.audited(), [detached]);
}

#[tokio::test]
async fn detaching_an_unattached_feature_changes_nothing() {
    let (ports, written) = catalog().ports();
    let request = DetachFeature { key: sso().key, ..detach_feature() };

    change(ports, request).await.unwrap();

    assert!(written.is_nothing());
}

#[tokio::test]
async fn an_unknown_feature_is_absent() {
    let (ports, written) = catalog().ports();
    let request = DetachFeature { key: FeatureKey::parse("api").unwrap(), ..detach_feature() };

    let refusal = change(ports, request).await.unwrap_err();

    assert!(matches!(refusal, Refused::Absent(Absent::Feature)));
    assert!(written.is_nothing());
}
