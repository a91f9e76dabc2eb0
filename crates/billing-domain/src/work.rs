//! Durable work: what happens later, whatever crashes in between.

use crate::{Timestamp, WorkspaceId};

/// A kind of durable work. The word is stored and never renamed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WorkKind {
    /// End a closing whose caller did not: one row per workspace.
    RecoverClosing,
}

impl WorkKind {
    /// Every kind this version can do.
    pub const ALL: &'static [Self] = &[Self::RecoverClosing];

    /// The word in the database, the log and the metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RecoverClosing => "recover_closing",
        }
    }
}

impl crate::FromStored for WorkKind {
    type Kept = String;

    fn from_stored(kept: String) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == kept)
    }
}

/// The identity of a row of work. Scheduling the same work again marks the row that is there.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct WorkId {
    /// The tenant.
    pub workspace_id: WorkspaceId,
    /// The kind of work.
    pub kind: WorkKind,
    /// The object of the work, unique among those of its workspace and kind.
    pub key: String,
}

impl WorkId {
    /// Work of which a workspace has one row.
    #[must_use]
    pub fn of_workspace(workspace: &WorkspaceId, kind: WorkKind) -> Self {
        Self { workspace_id: workspace.clone(), kind, key: workspace.to_string() }
    }
}

/// The right to do a row of work until its lease runs out or somebody else has claimed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The row.
    pub id: WorkId,
    /// The lease: a text no other claim has.
    pub lease: String,
    /// The row's mark at the time of the claim. A larger one later says that more work has arrived.
    pub mark: i64,
    /// How often the row was claimed since it was scheduled or last done, this claim included.
    pub attempts: u32,
}

/// The effect of completing a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completion {
    /// The row is gone.
    Done,
    /// More arrived during the work: the row stays and is due now.
    MoreArrived,
    /// The lease ran out and somebody else claimed the row, or the work is not needed any more: what was done under
    /// this claim must not be committed.
    LeaseLost,
}

/// Work that failed too often and waits for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkSetAside {
    /// The row.
    pub id: WorkId,
    /// The last failure.
    pub reason: String,
    /// The moment of the last failure.
    pub at: Timestamp,
}
