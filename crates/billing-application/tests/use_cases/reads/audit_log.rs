use serde_json::Value;

use crate::prelude::*;
use crate::testing::{now, ports_over, workspace_id};

fn record(number: u128) -> AuditRecord {
    AuditRecord {
        id: AuditEntryId::from_uuid(number),
        actor_kind: "dashboard_user".to_owned(),
        actor_id: Some("owner".to_owned()),
        actor_name: None,
        subject: "plan_feature".to_owned(),
        event: "attached".to_owned(),
        app_id: None,
        before: Value::Null,
        after: Value::Null,
        at: now(),
    }
}

fn reads(store: MockBillingStore) -> Reads {
    Reads::new(ports_over(store, Vec::new()))
}

fn ids(records: &[AuditRecord]) -> Vec<AuditEntryId> {
    records.iter().map(|record| record.id).collect()
}

fn id(number: u128) -> AuditEntryId {
    AuditEntryId::from_uuid(number)
}

/// A store that is asked once for this part of the filtered list.
fn expect_part(store: &mut MockBillingStore, from: Edge<AuditEntryId>, found: Option<Vec<u128>>) {
    let found = found.map(|numbers| {
        let items = numbers.into_iter().map(record).collect();
        Part { items, is_cut: false, counted: None }
    });
    store
        .audit_log
        .expect_audit_records()
        .once()
        .withf(move |workspace, filter, edge, limit| {
            (workspace, filter, edge, *limit) == (&workspace_id(), &by_owner(), &from, 2)
        })
        .return_once(|_, _, _, _| Ok(found));
}

fn by_owner() -> AuditFilter {
    let person = Some(DashboardUserId::parse("owner").unwrap());
    AuditFilter { person, ..AuditFilter::default() }
}

fn page_of_one() -> PageRequest {
    PageRequest { limit: PageLimit::new(1).unwrap(), ..PageRequest::default() }
}

#[tokio::test]
async fn consecutive_pages_of_the_audit_log_are_adjacent() {
    let mut store = MockBillingStore::default();
    expect_part(&mut store, Edge::Newest, Some(vec![9, 8]));
    expect_part(&mut store, Edge::OlderThan(id(9)), Some(vec![8, 7]));
    expect_part(&mut store, Edge::NewerThan(id(8)), Some(vec![10, 9]));
    let log = reads(store);

    let first = log.audit_log(&workspace_id(), &by_owner(), &page_of_one()).await.unwrap();
    let next = PageRequest { cursor: first.next_cursor, ..page_of_one() };
    let second = log.audit_log(&workspace_id(), &by_owner(), &next).await.unwrap();
    let back = PageRequest { cursor: second.previous_cursor, direction: Direction::Newer, ..page_of_one() };
    let third = log.audit_log(&workspace_id(), &by_owner(), &back).await.unwrap();

    assert_eq!((ids(&first.items), first.previous_cursor), (vec![id(9)], None));
    assert_eq!((ids(&second.items), second.next_cursor), (vec![id(8)], Some(id(8).to_string())));
    assert_eq!((ids(&third.items), third.count), (vec![id(9)], None));
}

#[tokio::test]
async fn a_counted_page_of_the_audit_log_has_its_place() {
    let mut store = MockBillingStore::default();
    expect_part(&mut store, Edge::OlderThan(id(9)), Some(vec![8, 7]));
    store
        .audit_log
        .expect_count_audit_records()
        .once()
        .withf(|_, filter, than| (filter, *than) == (&by_owner(), Some(id(8))))
        .return_once(|_, _, _| Ok(Some(Counted::bounded(1, 412))));
    let page = PageRequest { cursor: Some(id(9).to_string()), is_counted: true, ..page_of_one() };

    let page = reads(store).audit_log(&workspace_id(), &by_owner(), &page).await.unwrap();

    assert_eq!(page.count, Some(PageCount { first: 2, total: 412, is_exact: true }));
}

#[tokio::test]
async fn a_cursor_of_another_list_is_refused() {
    let page = PageRequest { cursor: Some("plan_1".to_owned()), ..page_of_one() };
    let refusal = reads(MockBillingStore::default()).audit_log(&workspace_id(), &by_owner(), &page).await;
    assert!(matches!(refusal, Err(Refused::Rule(InvalidCursor))));
}

#[tokio::test]
async fn a_cursor_of_no_entry_of_the_workspace_is_refused() {
    for (direction, edge) in
        [(Direction::Older, Edge::OlderThan(id(9))), (Direction::Newer, Edge::NewerThan(id(9)))]
    {
        let mut store = MockBillingStore::default();
        expect_part(&mut store, edge, None);
        let page = PageRequest { cursor: Some(id(9).to_string()), direction, ..page_of_one() };
        let refusal = reads(store).audit_log(&workspace_id(), &by_owner(), &page).await;
        assert!(matches!(refusal, Err(Refused::Rule(InvalidCursor))));
    }
}

#[tokio::test]
async fn a_store_failure_is_returned() {
    let mut store = MockBillingStore::default();
    store
        .audit_log
        .expect_audit_records()
        .return_once(|_, _, _, _| Err(StoreError::Unavailable("down".into())));
    let error = reads(store).audit_log(&workspace_id(), &by_owner(), &page_of_one()).await.unwrap_err();
    assert!(matches!(error, Refused::Store(StoreError::Unavailable(_))));
}
