use crate::prelude::*;
use crate::testing::{
    Stored, Write, archive_price, at, catalog, change_on, follows_price, monthly_price, now, pro,
};

#[tokio::test]
async fn archiving_a_price_bumps_the_plan_and_is_audited() {
    let (answer, written) = change_on(catalog(), archive_price()).await;

    let archived = Price { archived_at: Some(now()), ..monthly_price() };
    assert_eq!(answer.unwrap(), archived);
    let save = Write::SavePlan { plan: pro().changed_plan(), loaded: pro().plan.version };
    let follows = follows_price(&pro().plan, &archived);
    assert_eq!(written.writes(), [save, Write::SavePrice(archived.clone()), follows, Write::Commit]);
    let plan = pro().plan;
    let (before, after) = (monthly_price(), archived);
    let archiving = AuditedChange::changed(&PlanPrice::new(&plan, &before), &PlanPrice::new(&plan, &after));
    assert_eq!(written.audited(), [archiving.unwrap()]);
}

#[tokio::test]
async fn archiving_a_price_again_changes_nothing() {
    let archived = Price { archived_at: Some(at(60)), ..monthly_price() };
    let plan = PlanOffer { prices: vec![archived.clone()], ..pro() };

    let (answer, written) = change_on(Stored { plans: vec![plan], ..catalog() }, archive_price()).await;

    assert_eq!(answer.unwrap(), archived);
    assert!(written.is_nothing());
}

#[tokio::test]
async fn a_price_of_another_plan_is_absent() {
    let other = ArchivePrice { price_id: PriceId::from_uuid(9), ..archive_price() };

    let (answer, written) = change_on(catalog(), other).await;

    assert!(matches!(answer, Err(Refused::Absent(Absent::Price))));
    assert!(written.is_nothing());
}
