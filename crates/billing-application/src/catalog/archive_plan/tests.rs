use billing_domain::{Plan, PlanDetails};

use super::*;
use crate::testing::{Stored, Write, archive_plan, at, catalog, now, pro};

#[tokio::test]
async fn an_archived_plan_is_not_sold_from_now_on_and_not_the_default() {
    let mut default = PlanOffer { prices: vec![], ..pro() };
    default.plan.details.is_default = true;
    let (ports, written) = Stored { plans: vec![default.clone()], ..catalog() }.ports();

    let offer = ArchivePlan::new(ports).execute(archive_plan()).await.unwrap();

    let details = PlanDetails { is_default: false, ..pro().plan.details };
    let archived =
        Plan { archived_at: Some(now()), version: pro().plan.version.next(), details, ..pro().plan };
    assert_eq!(offer, PlanOffer { plan: archived.clone(), ..default.clone() });
    let save = Write::SavePlan { plan: archived.clone(), loaded: pro().plan.version };
    assert_eq!(written.writes(), [save, Write::Commit]);
    assert_eq!(written.audited(), [AuditedChange::Plan(Change::changed(default.plan, archived))]);
}

#[tokio::test]
async fn archiving_a_plan_again_changes_nothing() {
    let mut archived = pro();
    archived.plan.archived_at = Some(at(60));
    let (ports, written) = Stored { plans: vec![archived.clone()], ..catalog() }.ports();

    let offer = ArchivePlan::new(ports).execute(archive_plan()).await.unwrap();

    assert_eq!(offer, archived);
    assert!(written.is_nothing());
}
