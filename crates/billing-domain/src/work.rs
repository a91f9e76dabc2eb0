//! Durable work: scheduled tasks that survive a crash.

use crate::{GatewayAccountId, Timestamp, WorkspaceId};

/// A kind of durable work. The stored word is never renamed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WorkKind {
    /// Ends a closing that its caller did not end. One row per workspace.
    RecoverClosing,
    /// Finds the outcome of a call that its caller did not record. One row per call.
    SettleCall,
    /// Fetches an object at Stripe whose mirror is stale. One row per object of an account.
    SyncObject,
    /// Brings the products of a plan up to date. One row per plan.
    FollowPlan,
    /// Ends the sale of an archived price. One row per price.
    FollowPrice,
    /// Marks everything that an account of the workspace has as stale. One row per account; due again after its end.
    Reconcile,
}

impl WorkKind {
    /// Every kind this version knows.
    pub const ALL: &'static [Self] = &[
        Self::RecoverClosing,
        Self::SettleCall,
        Self::SyncObject,
        Self::FollowPlan,
        Self::FollowPrice,
        Self::Reconcile,
    ];

    /// The word in the database, the log and the metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RecoverClosing => "recover_closing",
            Self::SettleCall => "settle_call",
            Self::SyncObject => "sync_object",
            Self::FollowPlan => "follow_plan",
            Self::FollowPrice => "follow_price",
            Self::Reconcile => "reconcile",
        }
    }

    /// Whether the keys of this kind begin with a gateway account, alone or before a slash.
    #[must_use]
    pub fn is_of_account(self) -> bool {
        match self {
            Self::SyncObject | Self::Reconcile => true,
            Self::RecoverClosing | Self::SettleCall | Self::FollowPlan | Self::FollowPrice => false,
        }
    }
}

impl crate::FromStored for WorkKind {
    type Kept = String;

    fn from_stored(kept: String) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == kept)
    }
}

/// What of the due work is done first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WorkPriority {
    /// A person, a webhook or a closing waits for it.
    Foreground,
    /// Reconciliation: nobody waits for it.
    Background,
}

impl WorkPriority {
    /// The priority of a row whose column `is_background` is this.
    #[must_use]
    pub fn from_is_background(is_background: bool) -> Self {
        if is_background { Self::Background } else { Self::Foreground }
    }

    /// Whether it is [`Background`](Self::Background).
    #[must_use]
    pub fn is_background(self) -> bool {
        self == Self::Background
    }
}

/// The identity of a row of work. Scheduling existing work marks its row.
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
    /// The id of work that a workspace has once.
    #[must_use]
    pub fn of_workspace(workspace: &WorkspaceId, kind: WorkKind) -> Self {
        Self { workspace_id: workspace.clone(), kind, key: workspace.to_string() }
    }

    /// The gateway account of a [row of an account](WorkKind::is_of_account).
    #[must_use]
    pub fn account(&self) -> Option<GatewayAccountId> {
        let account = self.key.split('/').next().filter(|_| self.kind.is_of_account())?;
        GatewayAccountId::parse(account).ok()
    }
}

/// The right to do a row of work until the lease expires or another worker claims the row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The row.
    pub id: WorkId,
    /// The lease, unique to the claim.
    pub lease: String,
    /// The row's mark at the time of the claim. A larger mark later means that more work has arrived.
    pub mark: i64,
    /// The number of claims since the row was scheduled or last done, including this one.
    pub attempts: u32,
    /// The row's priority at the time of the claim.
    pub priority: WorkPriority,
}

/// The effect of completing a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completion {
    /// The row was removed.
    Done,
    /// More work arrived meanwhile: the row stays and is due now.
    MoreArrived,
    /// The lease expired and another worker claimed the row, or the work was cancelled: roll back the effects of this
    /// claim.
    LeaseLost,
}

/// Work that failed too often and needs an operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkSetAside {
    /// The row.
    pub id: WorkId,
    /// The last failure.
    pub reason: String,
    /// The moment of the last failure.
    pub at: Timestamp,
}
