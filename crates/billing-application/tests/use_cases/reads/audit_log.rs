use std::sync::Arc;

use serde_json::Value;

use crate::prelude::*;
use crate::testing::{now, workspace_id};

fn record(number: u128) -> AuditRecord {
    AuditRecord {
        id: AuditEntryId::from_uuid(number),
        actor_kind: "dashboard_user".to_owned(),
        actor_id: Some("owner".to_owned()),
        subject: "plan_feature".to_owned(),
        event: "attached".to_owned(),
        before: Value::Null,
        after: Value::Null,
        at: now(),
    }
}

#[tokio::test]
async fn consecutive_pages_of_the_audit_log_are_adjacent() {
    let mut store = MockBillingStore::default();
    store
        .audit_log
        .expect_audit_records()
        .once()
        .withf(|_, before, limit| (*before, *limit) == (None, 2))
        .return_once(|_, _, _| Ok(Some(vec![record(9), record(8)])));
    store
        .audit_log
        .expect_audit_records()
        .once()
        .withf(|_, before, limit| (*before, *limit) == (Some(AuditEntryId::from_uuid(9)), 2))
        .return_once(|_, _, _| Ok(Some(vec![record(8)])));
    let log = Reads::new(Arc::new(store), GatewayAvailability::default());
    let limit = PageLimit::new(1).unwrap();

    let first = log.audit_log(&workspace_id(), &PageRequest { limit, cursor: None }).await.unwrap();
    let rest = PageRequest { limit, cursor: first.next_cursor };
    let second = log.audit_log(&workspace_id(), &rest).await.unwrap();

    let ids = |records: Vec<AuditRecord>| records.into_iter().map(|record| record.id).collect::<Vec<_>>();
    assert_eq!(ids(first.items), [AuditEntryId::from_uuid(9)]);
    assert_eq!((ids(second.items), second.next_cursor), (vec![AuditEntryId::from_uuid(8)], None));
}

#[tokio::test]
async fn a_cursor_of_another_list_is_refused() {
    let log = Reads::new(Arc::new(MockBillingStore::default()), GatewayAvailability::default());
    let page = PageRequest { cursor: Some("plan_1".to_owned()), ..PageRequest::default() };
    let refusal = log.audit_log(&workspace_id(), &page).await.unwrap_err();
    assert!(matches!(refusal, Refused::Rule(InvalidCursor)));
}

#[tokio::test]
async fn a_cursor_of_no_entry_of_the_workspace_is_refused() {
    let mut store = MockBillingStore::default();
    store.audit_log.expect_audit_records().return_once(|_, _, _| Ok(None));
    let log = Reads::new(Arc::new(store), GatewayAvailability::default());
    let page = PageRequest { cursor: Some(AuditEntryId::from_uuid(9).to_string()), ..PageRequest::default() };
    let refusal = log.audit_log(&workspace_id(), &page).await.unwrap_err();
    assert!(matches!(refusal, Refused::Rule(InvalidCursor)));
}

#[tokio::test]
async fn a_store_failure_is_returned() {
    let mut store = MockBillingStore::default();
    store.audit_log.expect_audit_records().return_once(|_, _, _| Err(StoreError::Unavailable("down".into())));
    let log = Reads::new(Arc::new(store), GatewayAvailability::default());
    let error = log.audit_log(&workspace_id(), &PageRequest::default()).await.unwrap_err();
    assert!(matches!(error, Refused::Store(StoreError::Unavailable(_))));
}
