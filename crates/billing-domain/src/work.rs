//! Durable work: scheduled tasks that survive a crash.

use serde::{Serialize, Serializer, ser::SerializeStruct};

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

/// The cause of a failure, as the workspace is told it. What the database or the deployment said is for the operator's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkFailure {
    /// Stripe refused the request.
    GatewayRefused,
    /// Stripe did not answer.
    GatewaySilent,
    /// Stripe's answer could not be read.
    GatewayUnreadable,
    /// The deployment has no key for the account, or one of the other mode.
    GatewayKey,
    /// It took too long.
    TooSlow,
    /// A failure of this service.
    Internal,
}

words!(WorkFailure {
    GatewayRefused => "gateway_refused",
    GatewaySilent => "gateway_silent",
    GatewayUnreadable => "gateway_unreadable",
    GatewayKey => "gateway_key",
    TooSlow => "too_slow",
    Internal => "internal",
});

/// The beginnings of stored reasons. They are the sentences of errors, which may change: an unknown one is internal.
const FAILURES: [(&str, WorkFailure); 7] = [
    ("the payment gateway refused", WorkFailure::GatewayRefused),
    ("the outcome at the payment gateway is unknown", WorkFailure::GatewaySilent),
    ("the answer of the payment gateway cannot be read", WorkFailure::GatewayUnreadable),
    ("there is no key for the gateway account", WorkFailure::GatewayKey),
    ("no Stripe account is linked", WorkFailure::GatewayKey),
    ("test mode and live mode must not mix", WorkFailure::GatewayKey),
    ("it took longer than", WorkFailure::TooSlow),
];

impl WorkSetAside {
    /// The cause of the last failure.
    #[must_use]
    pub fn failure(&self) -> WorkFailure {
        let known = FAILURES.iter().find(|(beginning, _)| self.reason.starts_with(beginning));
        known.map_or(WorkFailure::Internal, |(_, failure)| *failure)
    }
}

impl WorkFailure {
    /// A sentence that a person of the workspace can act on.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::GatewayRefused => "Stripe refused the request.",
            Self::GatewaySilent => "Stripe did not answer.",
            Self::GatewayUnreadable => "The answer of Stripe could not be read.",
            Self::GatewayKey => "There is no right key for the Stripe account.",
            Self::TooSlow => "It took too long.",
            Self::Internal => "This service failed. Its operator finds the cause in the log.",
        }
    }
}

/// As the audit log stores it.
impl Serialize for WorkSetAside {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut state = serializer.serialize_struct("WorkSetAside", 3)?;
        state.serialize_field("kind", self.id.kind.as_str())?;
        state.serialize_field("key", &self.id.key)?;
        state.serialize_field("failure", self.failure().as_str())?;
        state.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_told_without_what_only_the_operator_may_see() {
        let told = |reason: &str| {
            let id = WorkId {
                workspace_id: WorkspaceId::parse("ws_1").unwrap(),
                kind: WorkKind::SyncObject,
                key: "acct_1/sub_1".to_owned(),
            };
            WorkSetAside { id, reason: reason.to_owned(), at: Timestamp::UNIX_EPOCH }.failure()
        };
        let refused = "the payment gateway refused: Invalid API Key provided: sk_test_1234";
        assert_eq!(told(refused), WorkFailure::GatewayRefused);
        assert_eq!(told("it took longer than 30 seconds"), WorkFailure::TooSlow);
        assert_eq!(told("the database is unavailable: db.internal:5432"), WorkFailure::Internal);
        assert!(WorkFailure::ALL.iter().all(|failure| !failure.sentence().contains("sk_")));
    }
}
