use billing_domain::{AuditedChange, Change};

use super::super::CatalogError;
use super::*;
use crate::testing::{Stored, Write, archive_price, at, catalog, monthly_price, now, pro};

#[tokio::test]
async fn nobody_new_subscribes_at_an_archived_price() {
    let (ports, written) = catalog().ports();

    let price = ArchivePrice::new(ports).execute(archive_price()).await.unwrap();

    let archived = Price { archived_at: Some(now()), ..monthly_price() };
    assert_eq!(price, archived);
    let save = Write::SavePlan { plan: pro().changed_plan(), loaded: pro().plan.version };
    assert_eq!(written.writes(), [save, Write::ArchivePrice(archived.clone()), Write::Commit]);
    assert_eq!(written.audited(), [AuditedChange::Price(Change::changed(monthly_price(), archived))]);
}

#[tokio::test]
async fn archiving_a_price_again_changes_nothing() {
    let archived = Price { archived_at: Some(at(60)), ..monthly_price() };
    let plan = PlanOffer { prices: vec![archived.clone()], ..pro() };
    let (ports, written) = Stored { plans: vec![plan], ..catalog() }.ports();

    let price = ArchivePrice::new(ports).execute(archive_price()).await.unwrap();

    assert_eq!(price, archived);
    assert!(written.is_nothing());
}

#[tokio::test]
async fn a_price_of_another_plan_is_not_there() {
    let (ports, written) = catalog().ports();
    let request = ArchivePriceRequest { price_id: PriceId::from_uuid(9), ..archive_price() };

    let refusal = ArchivePrice::new(ports).execute(request).await.unwrap_err();

    assert!(matches!(refusal, PlanError::Catalog(CatalogError::NotFound(Absent::Price))));
    assert!(written.is_nothing());
}
