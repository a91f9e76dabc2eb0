use super::super::CatalogError;
use super::*;
use crate::testing::{Write, catalog, detach_feature, export, plan_feature, pro, sso};

#[tokio::test]
async fn a_plan_does_not_have_a_detached_feature_any_more() {
    let (ports, written) = catalog().ports();

    DetachFeature::new(ports).execute(detach_feature()).await.unwrap();

    let save = Write::SavePlan { plan: pro().changed_plan(), loaded: pro().plan.version };
    let detach = Write::DetachFeature(pro().plan.id, export().id);
    assert_eq!(written.writes(), [save, detach, Write::Commit]);
    let detached = AuditedChange::PlanFeature(Change::deleted(plan_feature("export")));
    assert_eq!(written.audited(), [detached]);
}

#[tokio::test]
async fn detaching_a_feature_that_is_not_attached_changes_nothing() {
    let (ports, written) = catalog().ports();
    let request = DetachFeatureRequest { key: sso().key, ..detach_feature() };

    DetachFeature::new(ports).execute(request).await.unwrap();

    assert!(written.is_nothing());
}

#[tokio::test]
async fn a_feature_the_app_does_not_have_is_not_there() {
    let (ports, written) = catalog().ports();
    let request = DetachFeatureRequest { key: FeatureKey::parse("api").unwrap(), ..detach_feature() };

    let refusal = DetachFeature::new(ports).execute(request).await.unwrap_err();

    assert!(matches!(refusal, PlanError::Catalog(CatalogError::NotFound(Absent::Feature))));
    assert!(written.is_nothing());
}
