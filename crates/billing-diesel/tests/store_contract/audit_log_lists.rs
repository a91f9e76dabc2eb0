//! The audit log as a list: both ways, by app and by person, and counted.

use std::sync::Arc;

use billing_domain::ports::{AuditFilter, BillingStore, Counted, Edge};
use billing_domain::{Actor, AppId, AuditEntry, AuditEntryId, AuditedChange, DashboardUserId, Plan};
use billing_testing::builders::{app_id, plan, workspace_id};
use billing_testing::{Suite, TestDatabase};

use crate::audit_log::{append, enabling, entry, written_by_the_version_before};
use crate::raw;
use crate::story::{migrated, other_workspace};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database("the_log_is_filtered_by_app_and_person", the_log_is_filtered_by_app_and_person)
        .on_every_database("the_log_is_read_both_ways", the_log_is_read_both_ways)
        .on_every_database("the_log_is_counted", the_log_is_counted)
        .on_every_database("a_long_log_is_counted_by_its_numbers", a_long_log_is_counted_by_its_numbers)
        .on_every_database(
            "entries_of_another_workspace_are_not_listed",
            entries_of_another_workspace_are_not_listed,
        )
        .on_every_database(
            "an_entry_without_its_app_is_found_without_that_filter",
            an_entry_without_its_app_is_found_without_that_filter,
        )
}

fn person(id: &str) -> DashboardUserId {
    DashboardUserId::parse(id).unwrap()
}

fn other_app() -> AppId {
    AppId::parse("app_other").unwrap()
}

fn by(app: Option<AppId>, who: Option<&str>) -> AuditFilter {
    AuditFilter { app, person: who.map(person), subscription: None }
}

/// Nine entries, the oldest first: of the workspace, the app and the other app in turn; by ada, ada, grace, recovery,
/// and again.
fn entries() -> Vec<AuditEntry> {
    let created = |app_id| AuditedChange::created(&Plan { app_id, ..plan(1) }).unwrap();
    let actors = ["ada", "ada", "grace"].map(|id| Actor::DashboardUser { id: person(id), name: None });
    let actors = actors.into_iter().chain([Actor::Recovery]).cycle();
    let changes = [enabling(), created(app_id()), created(other_app())].into_iter().cycle();
    (1..=9).zip(actors.zip(changes)).map(|(number, (actor, change))| entry(number, actor, change)).collect()
}

async fn store_with(database: &TestDatabase, entries: &[AuditEntry]) -> Arc<dyn BillingStore> {
    let store = migrated(database).await;
    append(&store, entries).await;
    store
}

fn id(number: u32) -> AuditEntryId {
    AuditEntryId::from_uuid(number.into())
}

/// The numbers of the entries in this part of the list.
async fn part(store: &Arc<dyn BillingStore>, filter: &AuditFilter, edge: Edge<u32>, limit: u32) -> Vec<u32> {
    let read = store.audit_log().audit_records(&workspace_id(), filter, edge.map(id), limit).await;
    let number = |of: AuditEntryId| (1..=12).find(|number| id(*number) == of).unwrap();
    read.unwrap().unwrap().items.iter().map(|record| number(record.id)).collect()
}

async fn counted(store: &Arc<dyn BillingStore>, filter: &AuditFilter, than: Option<u32>) -> (u64, u64, bool) {
    let counted = store.audit_log().count_audit_records(&workspace_id(), filter, than.map(id)).await;
    let Counted { newer, total, is_exact } = counted.unwrap().unwrap();
    (newer, total, is_exact)
}

/// The numbers that are known with the newest entries.
async fn known(store: &Arc<dyn BillingStore>, filter: &AuditFilter) -> Option<Counted> {
    let newest = store.audit_log().audit_records(&workspace_id(), filter, Edge::Newest, 2).await;
    newest.unwrap().unwrap().counted
}

async fn the_log_is_filtered_by_app_and_person(database: TestDatabase) {
    let store = store_with(&database, &entries()).await;
    for (filter, expected) in [
        (AuditFilter::default(), &[9, 8, 7, 6, 5, 4, 3, 2, 1][..]),
        (by(Some(app_id()), None), &[8, 5, 2]),
        (by(Some(other_app()), None), &[9, 6, 3]),
        (by(None, Some("ada")), &[9, 6, 5, 2, 1]),
        (by(None, Some("grace")), &[7, 3]),
        (by(Some(app_id()), Some("ada")), &[5, 2]),
        (by(Some(app_id()), Some("grace")), &[]),
        (by(Some(AppId::parse("app_unknown").unwrap()), None), &[]),
        (by(None, Some("nobody")), &[]),
    ] {
        assert_eq!(part(&store, &filter, Edge::Newest, 10).await, expected, "{filter:?}");
        let total = expected.len() as u64;
        assert_eq!(counted(&store, &filter, None).await, (0, total, true), "{filter:?}");
        let is_whole = filter == AuditFilter::default();
        assert_eq!(known(&store, &filter).await, is_whole.then(|| Counted::bounded(0, total)), "{filter:?}");
    }
}

async fn the_log_is_read_both_ways(database: TestDatabase) {
    let store = store_with(&database, &entries()).await;
    let (all, ada) = (AuditFilter::default(), by(None, Some("ada")));
    assert_eq!(part(&store, &all, Edge::OlderThan(6), 2).await, [5, 4]);
    assert_eq!(part(&store, &all, Edge::NewerThan(6), 2).await, [8, 7]);
    assert_eq!(part(&store, &all, Edge::NewerThan(6), 10).await, [9, 8, 7]);
    assert_eq!(part(&store, &all, Edge::NewerThan(9), 10).await, [0; 0]);
    assert_eq!(part(&store, &ada, Edge::NewerThan(2), 2).await, [6, 5]);
    // An edge that does not pass the filter.
    assert_eq!(part(&store, &ada, Edge::OlderThan(4), 10).await, [2, 1]);
    assert_eq!(part(&store, &ada, Edge::NewerThan(4), 10).await, [9, 6, 5]);
}

async fn the_log_is_counted(database: TestDatabase) {
    let store = store_with(&database, &entries()).await;
    assert_eq!(counted(&store, &AuditFilter::default(), Some(9)).await, (0, 9, true));
    assert_eq!(counted(&store, &AuditFilter::default(), Some(6)).await, (3, 9, true));
    assert_eq!(counted(&store, &by(None, Some("ada")), Some(5)).await, (2, 5, true));
    assert_eq!(counted(&store, &by(Some(app_id()), Some("ada")), Some(2)).await, (1, 2, true));
    let unknown = store.audit_log().count_audit_records(&workspace_id(), &by(None, None), Some(id(10))).await;
    assert_eq!(unknown.unwrap(), None);

    // Written by a replica of the version before.
    let unnumbered = format!("UPDATE audit_entries SET number = {} WHERE number = 9", i64::MAX);
    raw::execute(&database.url, &unnumbered).await;
    assert_eq!(known(&store, &AuditFilter::default()).await, None);
}

async fn a_long_log_is_counted_by_its_numbers(database: TestDatabase) {
    let store = store_with(&database, &entries()).await;
    let bound = u64::from(Counted::BOUND);
    let copied = |copy: &str, number: &str, copies: &str| {
        format!(
            "INSERT INTO audit_entries (workspace_id, entry_id, actor_kind, actor_id, subject, event, state_before,
                state_after, created_at, wire_times, number, app_id)
            WITH RECURSIVE copies (copy) AS (SELECT 10 UNION ALL SELECT copy + 1 FROM copies WHERE {copies})
            SELECT workspace_id, '{copy}' || copy, actor_kind, actor_id, subject, event, state_before, state_after,
                created_at, wire_times, {number}, app_id
            FROM audit_entries, copies WHERE number = 9"
        )
    };
    raw::execute(&database.url, &copied("copy_", "copy", &format!("copy < {bound} + 10"))).await;

    let (all, other) = (AuditFilter::default(), by(Some(other_app()), None));
    assert_eq!(counted(&store, &all, None).await, (0, bound + 10, true));
    assert_eq!(counted(&store, &all, Some(1)).await, (bound + 9, bound + 10, true));
    assert_eq!(counted(&store, &other, None).await, (0, bound, false), "filters count up to a bound");
    assert_eq!(counted(&store, &other, Some(3)).await, (bound, bound, false));

    // Written by a replica of the version before.
    raw::execute(&database.url, &copied("old_", &i64::MAX.to_string(), "1 = 0")).await;
    assert_eq!(counted(&store, &all, None).await, (0, bound, false));
}

async fn entries_of_another_workspace_are_not_listed(database: TestDatabase) {
    let store = store_with(&database, &entries()).await;
    for filter in [by(None, None), by(Some(app_id()), None), by(None, Some("ada"))] {
        let log = store.audit_log();
        let read = log.audit_records(&other_workspace(), &filter, Edge::Newest, 10).await;
        assert_eq!(read.unwrap().unwrap().items, []);
        let counted = log.count_audit_records(&other_workspace(), &filter, None).await;
        assert_eq!(counted.unwrap(), Some(Counted::bounded(0, 0)));
        assert_eq!(log.count_audit_records(&other_workspace(), &filter, Some(id(1))).await.unwrap(), None);
    }
}

async fn an_entry_without_its_app_is_found_without_that_filter(database: TestDatabase) {
    let store = store_with(&database, &entries()[..2]).await;
    written_by_the_version_before(&database, 12).await;
    assert_eq!(part(&store, &AuditFilter::default(), Edge::Newest, 10).await, [12, 2, 1]);
    assert_eq!(part(&store, &by(Some(app_id()), None), Edge::Newest, 10).await, [2]);
    assert_eq!(part(&store, &AuditFilter::default(), Edge::NewerThan(2), 10).await, [12]);
}
