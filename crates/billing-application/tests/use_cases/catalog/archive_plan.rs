use crate::prelude::*;
use crate::testing::{Write, archive_plan, at, catalog, change_on, follows, now, pro};

#[tokio::test]
async fn archiving_a_plan_saves_and_audits_it() {
    let (answer, written) = change_on(catalog(), archive_plan()).await;

    let plan = Plan { archived_at: Some(now()), ..pro().changed_plan() };
    assert_eq!(answer.unwrap(), PlanOffer { plan: plan.clone(), ..pro() });
    let save = Write::SavePlan { plan: plan.clone(), loaded: pro().plan.version };
    assert_eq!(written.writes(), [save, follows(&plan), Write::Commit]);
    assert_eq!(written.audited(), [AuditedChange::changed(&pro().plan, &plan).unwrap()]);
}

#[tokio::test]
async fn archiving_a_plan_again_changes_nothing() {
    let mut stored = catalog();
    stored.plans[0].plan.archived_at = Some(at(60));

    let (answer, written) = change_on(stored, archive_plan()).await;

    assert_eq!(answer.unwrap().plan.archived_at, Some(at(60)));
    assert!(written.is_nothing());
}
