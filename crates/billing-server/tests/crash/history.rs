//! What the audit log says must have happened, and nothing else.

use billing_domain::ports::{AuditFilter, BillingStore, Edge};
use billing_domain::{AuditRecord, BillingSwitch, WorkspaceBilling, WorkspaceId};
use serde_json::{Value, json};

/// More than any test writes.
const ALL: u32 = 1_000_000;

async fn log_of(store: &dyn BillingStore, workspace: &WorkspaceId) -> Vec<AuditRecord> {
    store
        .audit_log()
        .audit_records(workspace, &AuditFilter::default(), Edge::Newest, ALL)
        .await
        .unwrap()
        .unwrap()
        .items
}

/// Reads the workspace and its audit log and asserts that the one tells the whole story of the other: each change
/// begins where the one before ended, so none was lost; and each period of being on has one beginning.
pub(crate) async fn assert_unbroken(store: &dyn BillingStore, workspace: &WorkspaceId) -> WorkspaceBilling {
    let mut records = log_of(store, workspace).await;
    records.reverse();
    let mut switch = json!(BillingSwitch::Disabled);
    for record in &records {
        assert_eq!(record.subject, "billing_switch", "{record:?}");
        assert_eq!(record.before, switch, "a change was lost before {}", record.id);
        let state = |state: &Value| state["state"].as_str().unwrap().to_owned();
        let (before, after) = (state(&record.before), state(&record.after));
        let expected = match record.event.as_str() {
            "enabled" => ("disabled", "enabled"),
            "gateway_switched" => ("enabled", "enabled"),
            "closing_started" => ("enabled", "closing"),
            "disable_refused" => ("closing", "enabled"),
            "disabled" => ("closing", "disabled"),
            unknown => panic!("{unknown}"),
        };
        assert_eq!((before.as_str(), after.as_str()), expected);
        if !["enabled", "disabled"].contains(&record.event.as_str()) {
            assert_eq!(record.after["since"], record.before["since"], "a period began twice");
        }
        switch = record.after.clone();
    }
    let mut work = store.begin(workspace).await.unwrap();
    let current = work.switches().lock_workspace(workspace).await.unwrap();
    work.rollback().await.unwrap();
    assert_eq!(json!(current.switch), switch, "the workspace is not where its last change left it");
    assert_eq!(current.version.number() as usize, records.len());
    current
}

/// How often each kind of change happened.
pub(crate) async fn count(store: &dyn BillingStore, workspace: &WorkspaceId, event: &str) -> usize {
    log_of(store, workspace).await.iter().filter(|record| record.event == event).count()
}
