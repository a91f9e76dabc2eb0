use std::sync::Arc;

use billing_domain::ports::{AuditFilter, BillingStore, Edge};
use billing_domain::{
    Actor, AuditEntry, AuditEntryId, AuditRecord, AuditedChange, BillingSwitch, DashboardUserId, DisplayName,
    PlanFeature, PlanPrice, SwitchChange, SwitchEvent, WorkspaceId,
};
use billing_testing::builders::{app, feature, moment, plan, price, workspace_id};
use billing_testing::{Suite, TestDatabase};
use serde_json::json;

use crate::raw;
use crate::story::{
    assert_corrupt, assert_refused, closing, enabled, locked, locked_in, migrated, other_workspace,
};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database(
            "an_entry_reads_back_exactly_newest_first",
            an_entry_reads_back_exactly_newest_first,
        )
        .on_every_database(
            "entries_are_in_commit_order_whatever_their_ids",
            entries_are_in_commit_order_whatever_their_ids,
        )
        .on_every_database(
            "entries_of_the_version_before_keep_their_place",
            entries_of_the_version_before_keep_their_place,
        )
        .on_every_database(
            "an_entry_without_the_workspaces_lock_is_refused",
            an_entry_without_the_workspaces_lock_is_refused,
        )
        .on_every_database("every_entry_is_on_one_page", every_entry_is_on_one_page)
        .on_every_database("an_entry_goes_with_its_transaction", an_entry_goes_with_its_transaction)
        .on_every_database("an_entry_keeps_its_words", an_entry_keeps_its_words)
        .on_every_database("an_entry_of_unknown_words_reads_as_data", an_entry_of_unknown_words_reads_as_data)
        .on_every_database(
            "only_states_without_wire_times_are_given_them",
            only_states_without_wire_times_are_given_them,
        )
        .on_every_database("a_corrupt_entry_is_named", a_corrupt_entry_is_named)
}

pub(crate) fn entry(number: u32, actor: Actor, change: AuditedChange) -> AuditEntry {
    AuditEntry {
        id: AuditEntryId::from_uuid(number.into()),
        workspace_id: workspace_id(),
        actor,
        change,
        at: moment(),
    }
}

fn owner() -> Actor {
    Actor::DashboardUser { id: DashboardUserId::parse("owner").unwrap(), name: None }
}

pub(crate) fn enabling() -> AuditedChange {
    let (event, before, after) = (SwitchEvent::Enabled, BillingSwitch::Disabled, enabled());
    AuditedChange::of_switch(&SwitchChange { event, before, after }).unwrap()
}

fn record(entry: &AuditEntry) -> AuditRecord {
    AuditRecord {
        id: entry.id,
        actor_kind: entry.actor.kind().to_owned(),
        actor_id: entry.actor.id().map(str::to_owned),
        actor_name: entry.actor.name().map(str::to_owned),
        subject: entry.change.subject.to_owned(),
        event: entry.change.event.to_owned(),
        app_id: entry.change.app_id.as_ref().map(ToString::to_string),
        before: serde_json::from_str(&entry.change.before).unwrap(),
        after: serde_json::from_str(&entry.change.after).unwrap(),
        at: entry.at,
    }
}

pub(crate) async fn append(store: &Arc<dyn BillingStore>, entries: &[AuditEntry]) {
    let mut work = locked(store).await;
    for entry in entries {
        work.audit_log().append_audit_entry(entry).await.unwrap();
    }
    work.commit().await.unwrap();
}

async fn an_entry_reads_back_exactly_newest_first(database: TestDatabase) {
    let store = migrated(&database).await;
    let (event, before, after) = (SwitchEvent::DisableRefused, closing(), enabled());
    let ending = AuditedChange::of_switch(&SwitchChange { event, before, after }).unwrap();
    let name = Some(DisplayName::parse("Ada Yılmaz").unwrap());
    let ada = Actor::DashboardUser { id: DashboardUserId::parse("ada").unwrap(), name };
    let entries = [entry(1, ada, enabling()), entry(2, Actor::Recovery, ending)];
    append(&store, &entries).await;

    let [first, second] = entries.each_ref().map(record);
    let log = store.audit_log();
    let read = async |workspace: WorkspaceId, edge, limit| {
        let read = log.audit_records(&workspace, &AuditFilter::default(), edge, limit).await;
        read.unwrap().map(|part| part.items)
    };
    assert_eq!(read(workspace_id(), Edge::Newest, 10).await, Some(vec![second.clone(), first.clone()]));
    assert_eq!(read(workspace_id(), Edge::Newest, 1).await, Some(vec![second.clone()]));
    assert_eq!(read(other_workspace(), Edge::Newest, 10).await, Some(vec![]));
    assert_eq!(read(workspace_id(), Edge::OlderThan(second.id), 10).await, Some(vec![first.clone()]));
    assert_eq!(read(workspace_id(), Edge::NewerThan(first.id), 10).await, Some(vec![second.clone()]));
    for edge in [Edge::OlderThan, Edge::NewerThan] {
        assert_eq!(read(workspace_id(), edge(AuditEntryId::from_uuid(3)), 10).await, None);
        assert_eq!(read(other_workspace(), edge(first.id), 10).await, None);
    }
}

async fn records_of(store: &Arc<dyn BillingStore>) -> Vec<AuditRecord> {
    records_from(store, Edge::Newest, 10).await
}

async fn records_from(
    store: &Arc<dyn BillingStore>,
    edge: Edge<AuditEntryId>,
    limit: u32,
) -> Vec<AuditRecord> {
    let all = AuditFilter::default();
    store.audit_log().audit_records(&workspace_id(), &all, edge, limit).await.unwrap().unwrap().items
}

/// The ids of the entries, newest first, read in pages of two.
async fn ids_of(store: &Arc<dyn BillingStore>) -> Vec<AuditEntryId> {
    let mut ids: Vec<AuditEntryId> = Vec::new();
    loop {
        let page = records_from(store, ids.last().copied().map_or(Edge::Newest, Edge::OlderThan), 2).await;
        if page.is_empty() {
            return ids;
        }
        ids.extend(page.iter().map(|record| record.id));
    }
}

/// A replica whose clock is behind makes smaller ids.
async fn entries_are_in_commit_order_whatever_their_ids(database: TestDatabase) {
    let store = migrated(&database).await;
    append(&store, &[entry(9, owner(), enabling()), entry(3, owner(), enabling())]).await;
    append(&store, &[entry(7, owner(), enabling())]).await;
    append(&store, &[entry(1, owner(), enabling())]).await;

    assert_eq!(ids_of(&store).await, [1, 7, 3, 9].map(AuditEntryId::from_uuid));
}

/// An entry of the version before, which knows nothing of numbers.
pub(crate) async fn written_by_the_version_before(database: &TestDatabase, id: u128) {
    let (id, workspace) = (AuditEntryId::from_uuid(id), workspace_id());
    let written = format!(
        "INSERT INTO audit_entries (workspace_id, entry_id, actor_kind, subject, event, state_before, state_after,
            created_at, wire_times)
         VALUES ('{workspace}', '{id}', 'recovery', 'app', 'created', 'null', 'null', '2026-11-22 12:34:56+00:00', TRUE)"
    );
    raw::execute(&database.url, &written).await;
}

async fn entries_of_the_version_before_keep_their_place(database: TestDatabase) {
    let store = migrated(&database).await;
    append(&store, &[entry(9, owner(), enabling())]).await;
    for id in [4, 5] {
        written_by_the_version_before(&database, id).await;
    }
    assert_eq!(ids_of(&store).await, [5, 4, 9].map(AuditEntryId::from_uuid));

    append(&store, &[entry(3, owner(), enabling()), entry(2, owner(), enabling())]).await;
    written_by_the_version_before(&database, 1).await;

    assert_eq!(ids_of(&store).await, [1, 2, 3, 5, 4, 9].map(AuditEntryId::from_uuid));
}

async fn an_entry_without_the_workspaces_lock_is_refused(database: TestDatabase) {
    let store = migrated(&database).await;
    let mut work = locked_in(&store, &other_workspace()).await;
    assert_refused(work.audit_log().append_audit_entry(&entry(1, owner(), enabling())).await);
}

fn archived_price() -> AuditedChange {
    let (plan, offered) = (plan(1), price(1, &plan(1)));
    let archived = offered.archive(moment()).unwrap();
    AuditedChange::changed(&PlanPrice::new(&plan, &offered), &PlanPrice::new(&plan, &archived)).unwrap()
}

/// The oldest first.
fn entries_of_every_subject() -> Vec<AuditEntry> {
    let changes = [
        enabling(),
        AuditedChange::created(&app(1)).unwrap(),
        AuditedChange::created(&plan(1)).unwrap(),
        archived_price(),
        AuditedChange::deleted(&feature(1)).unwrap(),
        AuditedChange::created(&PlanFeature::new(&plan(1), &feature(1))).unwrap(),
    ];
    (1..).zip(changes).map(|(number, change)| entry(number, owner(), change)).collect()
}

async fn every_entry_is_on_one_page(database: TestDatabase) {
    let store = migrated(&database).await;
    let mut entries = entries_of_every_subject();
    append(&store, &entries).await;

    let mut read: Vec<AuditRecord> = Vec::new();
    for _ in 0..=entries.len() {
        let edge = read.last().map_or(Edge::Newest, |entry| Edge::OlderThan(entry.id));
        let page = records_from(&store, edge, 4).await;
        assert!(page.len() <= 4);
        if page.is_empty() {
            break;
        }
        read.extend(page);
    }

    entries.reverse();
    assert_eq!(read, entries.iter().map(record).collect::<Vec<_>>());
}

async fn an_entry_goes_with_its_transaction(database: TestDatabase) {
    let store = migrated(&database).await;
    let mut work = locked(&store).await;
    work.audit_log().append_audit_entry(&entry(1, owner(), enabling())).await.unwrap();
    work.rollback().await.unwrap();

    assert_eq!(ids_of(&store).await, []);
}

/// The audit entries other versions of this code write and read.
async fn an_entry_keeps_its_words(database: TestDatabase) {
    let store = migrated(&database).await;
    let detached = AuditedChange::deleted(&PlanFeature::new(&plan(1), &feature(1))).unwrap();
    append(&store, &[entry(1, owner(), enabling()), entry(2, owner(), detached)]).await;

    let words = "SELECT subject || ' ' || event || ' ' || state_before || ' ' || state_after AS line
                 FROM audit_entries";
    let expected = [
        r#"billing_switch enabled {"state":"disabled"} {"state":"enabled","since":"2026-11-22T12:34:56.789Z","gateway":"stripe_connect"}"#,
        r#"plan_feature detached {"planId":"plan_00000000000000000000000001","planKey":"plan_1","featureKey":"feature_1","appId":"app_test","planName":"Plan 1","featureName":"Feature 1"} null"#,
    ];
    assert_eq!(raw::lines(&database.url, words).await, expected);
}

async fn an_entry_of_unknown_words_reads_as_data(database: TestDatabase) {
    let store = migrated(&database).await;
    append(&store, &[entry(1, owner(), enabling())]).await;
    let of_another_version = r#"UPDATE audit_entries SET actor_kind = 'robot', actor_id = 'not an id!', actor_name = '',
        subject = 'horoscope', event = 'foretold', state_before = '[1]', state_after = '{"key":"Not A Key"}'"#;
    raw::execute(&database.url, of_another_version).await;

    let [read] = records_of(&store).await.try_into().unwrap();

    assert_eq!((read.actor_kind.as_str(), read.actor_id.as_deref()), ("robot", Some("not an id!")));
    assert_eq!(read.actor_name.as_deref(), Some(""));
    assert_eq!((read.subject.as_str(), read.event.as_str()), ("horoscope", "foretold"));
    assert_eq!((read.before, read.after), (json!([1]), json!({ "key": "Not A Key" })));
}

async fn only_states_without_wire_times_are_given_them(database: TestDatabase) {
    let store = migrated(&database).await;
    append(&store, &[entry(1, owner(), enabling()), entry(2, owner(), enabling())]).await;
    let named = r#"{"name":"2026-11-22T12:34:56.789012Z","createdAt":"2026-11-22T12:34:56.789012Z"}"#;
    raw::execute(&database.url, &format!("UPDATE audit_entries SET state_after = '{named}'")).await;
    let old = format!(
        "UPDATE audit_entries SET wire_times = FALSE WHERE entry_id = '{}'",
        AuditEntryId::from_uuid(1)
    );
    raw::execute(&database.url, &old).await;

    let [new, old] = records_of(&store).await.try_into().unwrap();

    let name = "2026-11-22T12:34:56.789012Z";
    assert_eq!(old.after, json!({ "name": name, "createdAt": "2026-11-22T12:34:56.789Z" }));
    assert_eq!(new.after, json!({ "name": name, "createdAt": name }));
}

async fn a_corrupt_entry_is_named(database: TestDatabase) {
    let store = migrated(&database).await;
    let created = entry(1, owner(), AuditedChange::created(&feature(1)).unwrap());
    append(&store, std::slice::from_ref(&created)).await;
    let id = created.id.to_string();
    for column in ["state_before", "state_after"] {
        raw::execute(&database.url, &format!("UPDATE audit_entries SET {column} = '{{'")).await;
        let all = AuditFilter::default();
        let read = store.audit_log().audit_records(&workspace_id(), &all, Edge::Newest, 10).await;
        assert_corrupt(read, ("audit_entries", column, &id));
        raw::execute(&database.url, &format!("UPDATE audit_entries SET {column} = 'null'")).await;
    }
}
