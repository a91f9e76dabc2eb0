use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{AuditEntryId, DashboardUserId, SwitchChange, Timestamp, WorkspaceId};

/// Who caused a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum Actor {
    /// A person in the dashboard.
    DashboardUser(DashboardUserId),
    /// The service itself, finishing what a crash left half done.
    Recovery,
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DashboardUser(id) => write!(f, "dashboard user {id}"),
            Self::Recovery => f.write_str("recovery"),
        }
    }
}

/// What was changed, with its state before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditedChange {
    /// The billing switch of the workspace.
    BillingSwitch(SwitchChange),
}

/// One line of a workspace's audit log: who, what, when, before and after (invariant I10). Written in the
/// transaction that makes the change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Sorts by the time the entry was made.
    pub id: AuditEntryId,
    /// The tenant whose state changed.
    pub workspace_id: WorkspaceId,
    /// Who caused it.
    pub actor: Actor,
    /// What changed.
    pub change: AuditedChange,
    /// When.
    pub at: Timestamp,
}
