use billing_domain::ports::MockBillingStore;
use billing_domain::{AuditedChange, BillingSwitch, Change, SwitchChange, SwitchEvent};
use serde_json::json;

use super::*;
use crate::PageLimit;
use crate::testing::{enabled, now, owner, plan_feature, workspace_id};

fn entry(number: u128, change: AuditedChange) -> AuditEntry {
    AuditEntry {
        id: AuditEntryId::from_uuid(number),
        workspace_id: workspace_id(),
        actor: owner(),
        change,
        at: now(),
    }
}

fn attached() -> AuditedChange {
    AuditedChange::PlanFeature(Change::created(plan_feature("export")))
}

fn log_of(entries: Vec<AuditEntry>) -> ReadAuditLog {
    let mut store = MockBillingStore::new();
    store
        .expect_audit_entries()
        .once()
        .withf(|workspace, before, limit| {
            (workspace, *before, *limit) == (&workspace_id(), None, PageLimit::default().and_one_more())
        })
        .return_once(|_, _, _| Ok(entries));
    ReadAuditLog::new(Arc::new(store))
}

#[tokio::test]
async fn each_line_says_who_did_what_with_the_states_as_they_are_written() {
    let switch = AuditedChange::BillingSwitch(SwitchChange {
        event: SwitchEvent::Enabled,
        before: BillingSwitch::Disabled,
        after: enabled(),
    });
    let detached = AuditedChange::PlanFeature(Change::deleted(plan_feature("export")));
    let log = log_of(vec![entry(3, detached), entry(2, attached()), entry(1, switch)]);

    let page = log.execute(&workspace_id(), &PageRequest::default()).await.unwrap();

    let record = |number, subject, event, before, after| AuditRecord {
        id: AuditEntryId::from_uuid(number),
        at: now(),
        actor: owner(),
        subject,
        event,
        before,
        after,
    };
    let plan_id = plan_feature("export").plan_id.to_string();
    let feature = json!({ "planId": plan_id, "planKey": "pro", "featureKey": "export" });
    let off = json!({ "state": "disabled" });
    let on = json!({ "state": "enabled", "since": "1970-01-01T00:00:10Z", "gateway": "managed" });
    assert_eq!(
        page.items,
        [
            record(3, "plan_feature", "detached", feature.clone(), Value::Null),
            record(2, "plan_feature", "attached", Value::Null, feature),
            record(1, "billing_switch", "enabled", off, on),
        ]
    );
    assert_eq!(page.next_cursor, None);
}

#[tokio::test]
async fn a_page_of_the_log_ends_where_the_next_one_begins() {
    let mut store = MockBillingStore::new();
    store
        .expect_audit_entries()
        .once()
        .withf(|_, before, limit| (*before, *limit) == (None, 2))
        .return_once(|_, _, _| Ok(vec![entry(9, attached()), entry(8, attached())]));
    store
        .expect_audit_entries()
        .once()
        .withf(|_, before, limit| (*before, *limit) == (Some(AuditEntryId::from_uuid(9)), 2))
        .return_once(|_, _, _| Ok(vec![entry(8, attached())]));
    let log = ReadAuditLog::new(Arc::new(store));
    let limit = PageLimit::new(1).unwrap();

    let first = log.execute(&workspace_id(), &PageRequest { limit, cursor: None }).await.unwrap();
    let rest = PageRequest { limit, cursor: first.next_cursor };
    let second = log.execute(&workspace_id(), &rest).await.unwrap();

    let ids = |records: Vec<AuditRecord>| records.into_iter().map(|record| record.id).collect::<Vec<_>>();
    assert_eq!(ids(first.items), [AuditEntryId::from_uuid(9)]);
    assert_eq!((ids(second.items), second.next_cursor), (vec![AuditEntryId::from_uuid(8)], None));
}

#[tokio::test]
async fn a_cursor_of_another_list_is_refused() {
    let log = ReadAuditLog::new(Arc::new(MockBillingStore::new()));
    let page = PageRequest { cursor: Some("plan_1".to_owned()), ..PageRequest::default() };
    let refusal = log.execute(&workspace_id(), &page).await.unwrap_err();
    assert!(matches!(refusal, ReadAuditLogError::InvalidCursor(_)));
}

#[tokio::test]
async fn a_store_that_fails_is_told() {
    let mut store = MockBillingStore::new();
    store.expect_audit_entries().return_once(|_, _, _| Err(StoreError::Unavailable("down".into())));
    let log = ReadAuditLog::new(Arc::new(store));
    let error = log.execute(&workspace_id(), &PageRequest::default()).await.unwrap_err();
    assert!(matches!(error, ReadAuditLogError::Store(StoreError::Unavailable(_))));
}
