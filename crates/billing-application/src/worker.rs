//! The durable worker: claims a row of work, does it under a lease, and ends the claim.
//!
//! After a crash the row is claimed again when its lease has expired. The work's effect is committed with the end of
//! the claim, so that a worker without a lease commits nothing.

mod claimed;
mod follow_plan;
mod paying;
mod rebuild_revenue;
mod reconcile;
mod recover_closing;
mod replay;
mod retention;
mod settle_call;
mod slots;
mod sync_object;
mod unplaced;

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use billing_domain::ports::{DueFilter, SetAsideFilter, StoreError};
use billing_domain::{
    Actor, Claim, Completion, Timestamp, WorkId, WorkKind, WorkPriority, WorkSetAside, type_id,
};
use tokio::time::Instant;

pub(crate) use follow_plan::{following_of, following_of_price};

use claimed::{LEASE, TIME_LIMIT, WorkError};
use slots::{Slot, Slots};

use crate::Ports;
use crate::change::Decision::{Changed, Unchanged};
use crate::change::{Change, Executor, decide, roll_back};

/// The number of rows tried to find an unclaimed one.
const CANDIDATES: u32 = 16;
/// The number of rows tried when some cannot be claimed, as when a node with many workspaces is down.
const CANDIDATES_AT_MOST: u32 = 1024;
/// The work that a process does before it serves.
const AT_A_START: &[WorkPriority] = &[WorkPriority::Foreground];
/// The time limit for a claim: one that cannot be made, such as on a node that is down, must not hold up the others.
const CLAIM_LIMIT: Duration = Duration::from_secs(2);
/// The delay before a row is tried again that could not be claimed.
const UNREACHABLE_DELAY: Duration = Duration::from_secs(30);

/// Does durable work, one row a turn. Any number of workers may run in any number of replicas.
#[derive(Clone)]
pub struct Worker {
    ports: Ports,
    executor: Executor,
    /// The rows that could not be claimed, until they are tried again.
    unreachable: Arc<Mutex<HashMap<WorkId, Instant>>>,
    /// The rows that all clones together work on.
    slots: Arc<Slots>,
}

/// A turn of the worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// No row could be claimed.
    Idle,
    /// A row of this kind was claimed.
    Worked(WorkKind, Outcome),
}

/// The outcome of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// A closing ended with billing off.
    Disabled,
    /// A closing ended with billing on as before: someone can still be charged.
    Refused,
    /// A call's outcome was recorded.
    Settled,
    /// A mirror, or what follows one, was brought up to date.
    Synced,
    /// A mirror of which no webhook had told was found different by reconciliation, and mended.
    Mended,
    /// The payment gateway did not answer; it is tried again for as long as it takes.
    Outage,
    /// Nothing was left to do.
    Obsolete,
    /// The work failed and is tried again later.
    Failed,
    /// The work failed too often and needs an operator.
    SetAside,
    /// Another worker has claimed the row; this one committed nothing.
    LeaseLost,
}

impl Outcome {
    /// The word in the log and the metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Disabled => "disabled",
            Self::Refused => "refused",
            Self::Settled => "settled",
            Self::Synced => "synced",
            Self::Mended => "mended",
            Self::Outage => "outage",
            Self::Obsolete => "obsolete",
            Self::Failed => "failed",
            Self::SetAside => "set_aside",
            Self::LeaseLost => "lease_lost",
        }
    }
}

impl Worker {
    /// A worker with these ports.
    #[must_use]
    pub fn new(ports: Ports) -> Self {
        let executor = Executor::new(ports.clone());
        Self { ports, executor, unreachable: Arc::default(), slots: Arc::default() }
    }

    /// Claims one due row and does its work. May be called concurrently.
    ///
    /// # Errors
    /// [`StoreError`] when the work cannot be listed, or nothing could be claimed and something not for an error.
    pub async fn turn(&self) -> Result<Turn, StoreError> {
        self.turn_until(self.ports.clock.now(), None).await
    }

    /// Does due work in the foreground and ends the closings that a crash has left, as a process does at its start. Calls
    /// `tell` with each outcome. Begins nothing after `limit`: what is left then is left to [`turn`](Self::turn).
    ///
    /// # Errors
    /// [`StoreError`] when the closings or the work cannot be listed, or what is left cannot be claimed. One workspace
    /// that cannot be reached holds up no other.
    pub async fn recover(
        &self,
        limit: Duration,
        mut tell: impl FnMut(WorkKind, Outcome),
    ) -> Result<(), StoreError> {
        let began = Instant::now();
        let swept = tokio::time::timeout(limit, self.sweep()).await.unwrap_or(Ok(()));
        while began.elapsed() < limit {
            let horizon = self.ports.clock.now() + crate::closing::PATIENCE;
            match self.turn_until(horizon, began.checked_add(limit)).await? {
                Turn::Worked(kind, outcome) => tell(kind, outcome),
                Turn::Idle => break,
            }
        }
        swept
    }

    /// Schedules the recovery of closings without scheduled work, such as those begun by an earlier version and those
    /// whose row was set aside, and accepts the unplaced events that have a workspace now. May be repeated.
    ///
    /// # Errors
    /// [`StoreError`] when the closings or events cannot be listed. A closing that cannot be scheduled, and an event
    /// that cannot be accepted, are logged.
    pub async fn sweep(&self) -> Result<(), StoreError> {
        let swept = recover_closing::sweep(self).await;
        swept.and(self.accept_unplaced().await.map(drop))
    }

    /// Schedules the reconciliation of every account of every workspace now. Returns how many. May be repeated.
    ///
    /// # Errors
    /// [`StoreError`] when the accounts cannot be listed. One that cannot be scheduled is logged.
    pub async fn reconcile_all(&self) -> Result<u64, StoreError> {
        reconcile::all(self).await
    }

    /// Up to `limit` rows that were set aside, latest first, and the total number.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn set_aside(&self, limit: u32) -> Result<(Vec<WorkSetAside>, u64), StoreError> {
        self.ports.store.work().work_set_aside(&SetAsideFilter::default(), limit).await
    }

    /// A turn that claims nothing after the deadline. With one, as at a start, it is short and in the foreground.
    async fn turn_until(&self, horizon: Timestamp, deadline: Option<Instant>) -> Result<Turn, StoreError> {
        let (priorities, longest) = match deadline {
            Some(_) => (AT_A_START, TIME_LIMIT),
            None => (self.slots.priorities(), Duration::MAX),
        };
        let mut idle = Ok(Turn::Idle);
        for priority in priorities {
            match self.claim_due(*priority, horizon, deadline).await {
                Ok(Some((claim, _slot))) => {
                    return Ok(Turn::Worked(claim.id.kind, self.work(&claim, longest).await));
                }
                Ok(None) => {}
                Err(error) => idle = Err(error),
            }
        }
        idle
    }

    /// Claims a due row of this priority, and nothing after the deadline. The slot is to be kept during its work.
    async fn claim_due(
        &self,
        priority: WorkPriority,
        horizon: Timestamp,
        deadline: Option<Instant>,
    ) -> Result<Option<(Claim, Slot)>, StoreError> {
        let (now, except) = (self.ports.clock.now(), self.slots.full_account());
        let filter = DueFilter { priority, now, horizon, except };
        let mut unclaimed = Ok(None);
        let (mut tried, mut limit, mut skipped) = (0, CANDIDATES, false);
        loop {
            let due = self.ports.store.work().due_work(&filter, limit).await?;
            for id in due.iter().skip(tried) {
                if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                    return unclaimed;
                }
                // A row without a slot stays due; another replica may take it.
                let slot = self.slots.take(id, priority).filter(|_| !self.is_unreachable(id));
                let Some(slot) = slot else {
                    skipped = true;
                    continue;
                };
                let claimed = tokio::time::timeout(CLAIM_LIMIT, self.claim(id, horizon)).await;
                match claimed.unwrap_or_else(|elapsed| Err(StoreError::Unavailable(elapsed.into()))) {
                    Ok(Some(claim)) => {
                        slot.claimed();
                        return Ok(Some((claim, slot)));
                    }
                    Ok(None) => {}
                    // A row that cannot be claimed must not hold up the others.
                    Err(error) => {
                        self.leave_for_a_while(id);
                        unclaimed = Err(error);
                    }
                }
            }
            tried = due.len();
            if unclaimed.is_ok() && !skipped || tried < limit as usize || limit >= CANDIDATES_AT_MOST {
                return unclaimed;
            }
            limit *= 4;
        }
    }

    fn is_unreachable(&self, id: &WorkId) -> bool {
        let unreachable = self.unreachable.lock().unwrap_or_else(PoisonError::into_inner);
        unreachable.get(id).is_some_and(|until| Instant::now() < *until)
    }

    fn leave_for_a_while(&self, id: &WorkId) {
        let mut unreachable = self.unreachable.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        unreachable.retain(|_, until| now < *until);
        unreachable.insert(id.clone(), now + UNREACHABLE_DELAY);
    }

    async fn claim(&self, id: &WorkId, horizon: Timestamp) -> Result<Option<Claim>, StoreError> {
        let lease = type_id("lease", self.ports.ids.uuid_v7());
        let mut work = self.ports.store.begin(&id.workspace_id).await?;
        let now = self.ports.clock.now();
        let claim = work.work().claim(id, &lease, now, horizon, now + LEASE).await?;
        work.commit().await?;
        Ok(claim)
    }

    /// Claims a row that is scheduled anew, so that whoever holds it does it again; or commits nothing, if it is `taken`.
    async fn schedule_and_claim(&self, id: &WorkId, taken: bool) -> Result<Option<Claim>, StoreError> {
        let lease = type_id("lease", self.ports.ids.uuid_v7());
        let mut work = self.ports.store.begin(&id.workspace_id).await?;
        work.switches().lock_workspace(&id.workspace_id).await?;
        let now = self.ports.clock.now();
        if taken {
            work.work().cancel(id).await?;
        }
        work.work().schedule(id, now).await?;
        let claim = work.work().claim(id, &lease, now, now, now + LEASE).await?;
        work.commit().await?;
        Ok(claim)
    }

    async fn perform(&self, claim: &Claim) -> Result<Outcome, WorkError> {
        match claim.id.kind {
            WorkKind::RecoverClosing => recover_closing::perform(self, claim).await,
            WorkKind::SettleCall => settle_call::perform(self, claim).await,
            WorkKind::SyncObject => sync_object::perform(self, claim).await,
            WorkKind::FollowPlan | WorkKind::FollowPrice => follow_plan::perform(self, claim).await,
            WorkKind::Reconcile => reconcile::perform(self, claim).await,
        }
    }
}

impl Executor {
    /// Makes the change of a claim and ends the claim in one transaction.
    async fn complete_with<C: Change<Refusal = Infallible>>(
        &self,
        claim: &Claim,
        actor: &Actor,
        change: &C,
    ) -> Result<C::Answer, WorkError> {
        let mut tx = self.begin(&claim.id.workspace_id, actor).await?;
        let decided = match tx.work.work().complete(claim, tx.now).await {
            Ok(Completion::Done | Completion::MoreArrived) => decide(&mut tx, change).await,
            Ok(Completion::LeaseLost) => {
                roll_back(tx.work).await;
                return Err(WorkError::LeaseLost);
            }
            Err(error) => Err(error.into()),
        };
        // Ending the claim is a write, whatever was decided.
        let decided = decided.map(|(Changed(answer) | Unchanged(answer))| Changed(answer));
        Ok(tx.settle::<C>(decided).await.map_err(StoreError::from)?)
    }
}
