//! The durable worker: claims a row of work, does it under a lease, and ends the claim.
//!
//! After a crash the row is claimed again when its lease has expired. The work's effect is committed with the end of
//! the claim, so that a worker without a lease commits nothing.

mod follow_plan;
mod reconcile;
mod recover_closing;
mod replay;
mod retention;
mod settle_call;
mod sync_object;
mod unplaced;

use std::collections::HashMap;
use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use billing_domain::ports::{GatewayError, StoreError, error_chain};
use billing_domain::{Actor, Claim, Completion, Timestamp, WorkId, WorkKind, WorkSetAside, type_id};
use chrono::TimeDelta;
use futures_util::FutureExt;
use tokio::time::Instant;

pub(crate) use follow_plan::following_of;
pub use replay::SetAsideFilter;

use crate::Ports;
use crate::change::Decision::{Changed, Unchanged};
use crate::change::{Change, Executor, decide, roll_back};

/// The lease of a claim. The clocks of two replicas may differ by the difference to [`TIME_LIMIT`], less the 2 seconds
/// that the claim may take.
const LEASE: TimeDelta = TimeDelta::seconds(60);
/// The time limit for the work of one claim.
const TIME_LIMIT: Duration = Duration::from_secs(30);
/// The number of rows tried to find an unclaimed one.
const CANDIDATES: u32 = 16;
/// The number of rows tried when some cannot be claimed, as when a node with many workspaces is down.
const CANDIDATES_AT_MOST: u32 = 1024;
/// The time limit for a claim: one that cannot be made, such as on a node that is down, must not hold up the others.
const CLAIM_LIMIT: Duration = Duration::from_secs(2);
/// The delay before a row is tried again that could not be claimed.
const UNREACHABLE_DELAY: Duration = Duration::from_secs(30);
/// The number of attempts before a row is set aside.
const ATTEMPTS: u32 = 10;
/// The delay after the first failure; doubled with each further one.
const FIRST_DELAY: TimeDelta = TimeDelta::seconds(2);
const LONGEST_DELAY: TimeDelta = TimeDelta::minutes(5);
/// The delay while the payment gateway does not answer. The mirror follows within a minute of its return (I5).
const OUTAGE_DELAY: TimeDelta = TimeDelta::seconds(20);

/// Does durable work, one row a turn. Any number of workers may run in any number of replicas.
#[derive(Clone)]
pub struct Worker {
    ports: Ports,
    executor: Executor,
    /// The rows that could not be claimed, until they are tried again.
    unreachable: Arc<Mutex<HashMap<WorkId, Instant>>>,
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
            Self::Outage => "outage",
            Self::Obsolete => "obsolete",
            Self::Failed => "failed",
            Self::SetAside => "set_aside",
            Self::LeaseLost => "lease_lost",
        }
    }
}

/// A failure of the work of a claim.
#[derive(Debug, thiserror::Error)]
enum WorkError {
    #[error("another worker has claimed the row meanwhile")]
    LeaseLost,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    #[error("its key cannot be read")]
    UnknownKey,
    #[error("it took longer than {} seconds", TIME_LIMIT.as_secs())]
    TooSlow,
    #[error("it panicked; the panic is in the log above")]
    Panicked,
    #[error("{0} attempts ended without an outcome")]
    NeverEnds(u32),
}

impl Worker {
    /// A worker with these ports.
    #[must_use]
    pub fn new(ports: Ports) -> Self {
        let executor = Executor::new(ports.clone());
        Self { ports, executor, unreachable: Arc::default() }
    }

    /// Claims one due row and does its work. May be called concurrently.
    ///
    /// # Errors
    /// [`StoreError`] when the work cannot be listed, or nothing could be claimed and something not for an error.
    pub async fn turn(&self) -> Result<Turn, StoreError> {
        self.turn_until(self.ports.clock.now(), None).await
    }

    /// Does due work and ends the closings that a crash has left, as a process does at its start. Calls `tell` with
    /// each outcome. Begins nothing after `limit`: what is left then is left to [`turn`](Self::turn).
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
        self.ports.store.work().work_set_aside(limit).await
    }

    /// A turn that claims nothing after the deadline.
    async fn turn_until(&self, horizon: Timestamp, deadline: Option<Instant>) -> Result<Turn, StoreError> {
        let now = self.ports.clock.now();
        let mut failed = Ok(Turn::Idle);
        let (mut tried, mut limit, mut skipped) = (0, CANDIDATES, false);
        loop {
            let due = self.ports.store.work().due_work(now, horizon, limit).await?;
            for id in due.iter().skip(tried) {
                if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                    return failed;
                }
                if self.is_unreachable(id) {
                    skipped = true;
                    continue;
                }
                let claimed = tokio::time::timeout(CLAIM_LIMIT, self.claim(id, horizon)).await;
                match claimed.unwrap_or_else(|elapsed| Err(StoreError::Unavailable(elapsed.into()))) {
                    Ok(Some(claim)) => return Ok(Turn::Worked(id.kind, self.work(&claim).await)),
                    Ok(None) => {}
                    // A row that cannot be claimed must not hold up the others.
                    Err(error) => {
                        self.leave_for_a_while(id);
                        failed = Err(error);
                    }
                }
            }
            tried = due.len();
            if failed.is_ok() && !skipped || tried < limit as usize || limit >= CANDIDATES_AT_MOST {
                return failed;
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

    /// Claims a row that is scheduled anew, so that whoever holds it does it again.
    async fn schedule_and_claim(&self, id: &WorkId) -> Result<Option<Claim>, StoreError> {
        let lease = type_id("lease", self.ports.ids.uuid_v7());
        let mut work = self.ports.store.begin(&id.workspace_id).await?;
        work.switches().lock_workspace(&id.workspace_id).await?;
        let now = self.ports.clock.now();
        work.work().schedule(id, now).await?;
        let claim = work.work().claim(id, &lease, now, now, now + LEASE).await?;
        work.commit().await?;
        Ok(claim)
    }

    async fn work(&self, claim: &Claim) -> Outcome {
        let failure = match self.perform_in_time(claim).await {
            Ok(outcome) => return outcome,
            Err(WorkError::LeaseLost) => return Outcome::LeaseLost,
            Err(failure) => failure,
        };
        self.end_failed(claim, &failure).await.unwrap_or_else(|error| {
            let WorkId { workspace_id, kind, key } = &claim.id;
            let (kind, reason, error) = (kind.as_str(), error_chain(&failure), error_chain(&error));
            tracing::error!(
                %workspace_id, kind, key, %reason, %error,
                "work failed and is tried again when its lease has expired"
            );
            Outcome::Failed
        })
    }

    async fn end_failed(&self, claim: &Claim, failure: &WorkError) -> Result<Outcome, StoreError> {
        if let WorkError::Gateway(GatewayError::Unknown(_)) = failure {
            return self.wait_out(claim, failure).await;
        }
        let WorkId { workspace_id, kind, key } = &claim.id;
        let (kind, attempts, reason) = (kind.as_str(), claim.attempts, error_chain(failure));
        let mut work = self.ports.store.begin(workspace_id).await?;
        let now = self.ports.clock.now();
        let is_last = attempts >= ATTEMPTS;
        let ended = if is_last {
            work.work().set_aside(claim, now, &reason).await?
        } else {
            work.work().postpone(claim, now + self.delay(attempts), &reason).await?
        };
        work.commit().await?;
        Ok(match ended {
            Completion::LeaseLost => Outcome::LeaseLost,
            Completion::Done if is_last => {
                tracing::error!(%workspace_id, kind, key, attempts, %reason, "work was set aside");
                Outcome::SetAside
            }
            Completion::Done | Completion::MoreArrived => {
                tracing::error!(%workspace_id, kind, key, attempts, %reason, "work failed and is tried again");
                Outcome::Failed
            }
        })
    }

    /// Begins anew after a while: an outage of the payment gateway is not the work's fault, whatever it lasts.
    async fn wait_out(&self, claim: &Claim, failure: &WorkError) -> Result<Outcome, StoreError> {
        let WorkId { workspace_id, kind, key } = &claim.id;
        let mut work = self.ports.store.begin(workspace_id).await?;
        let now = self.ports.clock.now();
        if work.work().complete(claim, now).await? == Completion::LeaseLost {
            work.rollback().await?;
            return Ok(Outcome::LeaseLost);
        }
        work.work().schedule(&claim.id, now + self.jittered(OUTAGE_DELAY)).await?;
        work.commit().await?;
        let (kind, reason) = (kind.as_str(), error_chain(failure));
        tracing::warn!(%workspace_id, kind, key, %reason, "work waits for the payment gateway");
        Ok(Outcome::Outage)
    }

    async fn perform_in_time(&self, claim: &Claim) -> Result<Outcome, WorkError> {
        // The process died in each earlier attempt.
        if claim.attempts > ATTEMPTS {
            return Err(WorkError::NeverEnds(claim.attempts - 1));
        }
        let performing = AssertUnwindSafe(self.perform(claim)).catch_unwind();
        match tokio::time::timeout(TIME_LIMIT, performing).await {
            Ok(Ok(performed)) => performed,
            Ok(Err(_panic)) => Err(WorkError::Panicked),
            Err(_elapsed) => Err(WorkError::TooSlow),
        }
    }

    async fn perform(&self, claim: &Claim) -> Result<Outcome, WorkError> {
        match claim.id.kind {
            WorkKind::RecoverClosing => recover_closing::perform(self, claim).await,
            WorkKind::SettleCall => settle_call::perform(self, claim).await,
            WorkKind::SyncObject => sync_object::perform(self, claim).await,
            WorkKind::FollowPlan => follow_plan::perform(self, claim).await,
            WorkKind::Reconcile => reconcile::perform(self, claim).await,
        }
    }

    /// Ends a claim with nothing left to do.
    async fn complete(&self, claim: &Claim) -> Result<(), WorkError> {
        let mut work = self.ports.store.begin(&claim.id.workspace_id).await?;
        let completion = work.work().complete(claim, self.ports.clock.now()).await?;
        work.commit().await?;
        match completion {
            Completion::Done | Completion::MoreArrived => Ok(()),
            Completion::LeaseLost => Err(WorkError::LeaseLost),
        }
    }

    /// The delay after this many attempts, with a jitter of a quarter.
    fn delay(&self, attempts: u32) -> TimeDelta {
        let delay = FIRST_DELAY * 2_i32.pow(attempts.saturating_sub(1).min(16));
        self.jittered(delay.min(LONGEST_DELAY))
    }

    fn jittered(&self, delay: TimeDelta) -> TimeDelta {
        let chance = i32::try_from(self.ports.ids.uuid_v7() % 1_000).unwrap_or_default();
        delay + delay / 4 * chance / 1_000
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
