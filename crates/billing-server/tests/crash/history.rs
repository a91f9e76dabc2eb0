//! What the audit log says must have happened, and nothing else.

use std::collections::BTreeSet;

use billing_domain::ports::BillingStore;
use billing_domain::{AuditedChange, BillingSwitch, SwitchEvent, WorkspaceBilling, WorkspaceId};

/// More than any test writes.
const ALL: u32 = 1_000_000;

/// Reads the workspace and its audit log and asserts that the one tells the whole story of the other: each change
/// begins where the one before ended, so none was lost; and each period of being on has one beginning.
pub(crate) async fn assert_unbroken(store: &dyn BillingStore, workspace: &WorkspaceId) -> WorkspaceBilling {
    let mut entries = store.audit_entries(workspace, None, ALL).await.unwrap();
    entries.reverse();
    let mut switch = BillingSwitch::Disabled;
    let mut beginnings = BTreeSet::new();
    for entry in &entries {
        let AuditedChange::BillingSwitch(change) = &entry.change else {
            panic!("not of the switch: {entry:?}")
        };
        assert_eq!(change.before, switch, "a change was lost before {}", entry.id);
        match change.event {
            SwitchEvent::Enabled => {
                let since = change.after.since().unwrap();
                assert!(beginnings.insert(since), "two periods began at {since}");
            }
            SwitchEvent::GatewaySwitched | SwitchEvent::ClosingStarted | SwitchEvent::DisableRefused => {
                assert_eq!(change.after.since(), change.before.since());
            }
            SwitchEvent::Disabled => {
                assert!(matches!(change.before, BillingSwitch::Closing { .. }));
            }
        }
        switch = change.after;
    }
    let mut work = store.begin().await.unwrap();
    let current = work.lock_workspace(workspace).await.unwrap();
    work.rollback().await.unwrap();
    assert_eq!(current.switch, switch, "the workspace is not where its last change left it");
    assert_eq!(current.version.number() as usize, entries.len());
    current
}

/// How often each kind of change happened.
pub(crate) async fn count(store: &dyn BillingStore, workspace: &WorkspaceId, event: SwitchEvent) -> usize {
    let entries = store.audit_entries(workspace, None, ALL).await.unwrap();
    let is_one = |change: &AuditedChange| matches!(change, AuditedChange::BillingSwitch(change) if change.event == event);
    entries.iter().filter(|entry| is_one(&entry.change)).count()
}
