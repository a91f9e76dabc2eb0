use billing_domain::{
    Actor, AuditEntry, AuditEntryId, AuditedChange, BillingSwitch, DashboardUserId, SwitchChange,
    SwitchEvent, WorkspaceId,
};
use billing_testing::builders::{moment, workspace_id};
use billing_testing::{Suite, TestDatabase};

use crate::story::{closing, enabled, locked, migrated};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database(
            "an_entry_reads_back_exactly_newest_first",
            an_entry_reads_back_exactly_newest_first,
        )
        .on_every_database("an_entry_goes_with_its_transaction", an_entry_goes_with_its_transaction)
}

fn entry(number: u32, actor: Actor, change: SwitchChange) -> AuditEntry {
    AuditEntry {
        id: AuditEntryId::from_uuid(number.into()),
        workspace_id: workspace_id(),
        actor,
        change: AuditedChange::BillingSwitch(change),
        at: moment(),
    }
}

fn owner() -> Actor {
    Actor::DashboardUser(DashboardUserId::parse("owner").unwrap())
}

fn enabling() -> SwitchChange {
    SwitchChange { event: SwitchEvent::Enabled, before: BillingSwitch::Disabled, after: enabled() }
}

async fn an_entry_reads_back_exactly_newest_first(database: TestDatabase) {
    let store = migrated(&database).await;
    let ending = SwitchChange { event: SwitchEvent::DisableRefused, before: closing(), after: enabled() };
    let entries = [entry(1, owner(), enabling()), entry(2, Actor::Recovery, ending)];
    let mut work = locked(&store).await;
    for entry in &entries {
        work.append_audit_entry(entry).await.unwrap();
    }
    work.commit().await.unwrap();

    let [first, second] = entries;
    let read = store.audit_entries(&workspace_id(), 10).await.unwrap();
    assert_eq!(read, [second.clone(), first]);
    assert_eq!(store.audit_entries(&workspace_id(), 1).await.unwrap(), [second]);
    let other = WorkspaceId::parse("ws_other").unwrap();
    assert_eq!(store.audit_entries(&other, 10).await.unwrap(), []);
}

async fn an_entry_goes_with_its_transaction(database: TestDatabase) {
    let store = migrated(&database).await;
    let mut work = locked(&store).await;
    work.append_audit_entry(&entry(1, owner(), enabling())).await.unwrap();
    work.rollback().await.unwrap();

    assert_eq!(store.audit_entries(&workspace_id(), 10).await.unwrap(), []);
}
