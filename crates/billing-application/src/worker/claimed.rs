//! The work of a claim: within its time, under its lease, and its end when it fails.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use billing_domain::ports::{GatewayError, StoreError, error_chain};
use billing_domain::{Claim, Completion, WorkId, WorkKind};
use chrono::TimeDelta;
use futures_util::FutureExt;
use tokio::time::Instant;

use super::{Outcome, Worker, recover_closing};

/// The lease of a claim: a row whose worker died is claimed again after it. The clocks of two replicas may differ by the
/// difference to [`RENEWED_AFTER`], less the 2 seconds that the claim may take.
pub(super) const LEASE: TimeDelta = TimeDelta::seconds(LEASE_SECONDS);
const LEASE_SECONDS: i64 = 20;
/// The time after which a lease is extended.
const RENEWED_AFTER: Duration = Duration::from_secs(6);
/// The delay before the extension of a lease is tried again that failed.
const RENEWAL_RETRY: Duration = Duration::from_secs(2);
/// The time limit for the work of one claim.
pub(super) const TIME_LIMIT: Duration = Duration::from_secs(30);
/// The number of attempts before a row is set aside.
pub(super) const ATTEMPTS: u32 = 10;
/// The delay after the first failure; doubled with each further one.
const FIRST_DELAY: TimeDelta = TimeDelta::seconds(2);
const LONGEST_DELAY: TimeDelta = TimeDelta::minutes(5);
/// The delay while the payment gateway does not answer. The mirror follows within a minute of its return (I5).
const OUTAGE_DELAY: TimeDelta = TimeDelta::seconds(20);
/// The delay while there is no key for an account, which needs an operator.
const NO_ACCESS_DELAY: TimeDelta = TimeDelta::minutes(5);

/// A failure of the work of a claim.
#[derive(Debug, thiserror::Error)]
pub(super) enum WorkError {
    #[error("another worker has claimed the row meanwhile")]
    LeaseLost,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    #[error("its key cannot be read")]
    UnknownKey,
    #[error("it took longer than {} seconds", .0.as_secs())]
    TooSlow(Duration),
    #[error("it panicked; the panic is in the log above")]
    Panicked,
    #[error("{0} attempts ended without an outcome")]
    NeverEnds(u32),
}

/// The time limit for work of a kind.
fn time_limit(kind: WorkKind) -> Duration {
    match kind {
        WorkKind::RecoverClosing => recover_closing::TIME_LIMIT,
        WorkKind::SettleCall
        | WorkKind::SyncObject
        | WorkKind::FollowPlan
        | WorkKind::FollowPrice
        | WorkKind::Reconcile => TIME_LIMIT,
    }
}

/// The delay after a failure that is the payment gateway's. `None` for one that is the work's own.
fn outage_delay(kind: WorkKind, failure: &WorkError) -> Option<TimeDelta> {
    match failure {
        WorkError::Gateway(GatewayError::Unknown(_)) => Some(OUTAGE_DELAY),
        // A key of the other mode knows nothing of the object, which is there for the right key to find.
        WorkError::Gateway(GatewayError::NoAccess(_) | GatewayError::MixedModes(_)) => Some(NO_ACCESS_DELAY),
        // The payment gateway answers slowly.
        WorkError::TooSlow(_) if kind != WorkKind::RecoverClosing => Some(OUTAGE_DELAY),
        WorkError::TooSlow(_)
        | WorkError::Gateway(_)
        | WorkError::LeaseLost
        | WorkError::Store(_)
        | WorkError::UnknownKey
        | WorkError::Panicked
        | WorkError::NeverEnds(_) => None,
    }
}

/// Whether work of a kind may take longer than [`TIME_LIMIT`].
pub(super) fn is_long(kind: WorkKind) -> bool {
    time_limit(kind) > TIME_LIMIT
}

impl Worker {
    /// Does the work of a claim within this time and that of its kind, and ends the claim if it fails.
    pub(super) async fn work(&self, claim: &Claim, longest: Duration) -> Outcome {
        let failure = match self.perform_in_time(claim, longest).await {
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

    pub(super) async fn end_failed(&self, claim: &Claim, failure: &WorkError) -> Result<Outcome, StoreError> {
        if let Some(delay) = outage_delay(claim.id.kind, failure) {
            return self.wait_out(claim, failure, delay).await;
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
    async fn wait_out(
        &self,
        claim: &Claim,
        failure: &WorkError,
        delay: TimeDelta,
    ) -> Result<Outcome, StoreError> {
        let WorkId { workspace_id, kind, key } = &claim.id;
        let mut work = self.ports.store.begin(workspace_id).await?;
        let now = self.ports.clock.now();
        if work.work().complete(claim, now).await? == Completion::LeaseLost {
            work.rollback().await?;
            return Ok(Outcome::LeaseLost);
        }
        let (due_at, keys) = (now + self.jittered(delay), std::slice::from_ref(key));
        work.work().schedule_all(workspace_id, *kind, keys, claim.priority, due_at).await?;
        work.commit().await?;
        let (kind, reason) = (kind.as_str(), error_chain(failure));
        tracing::warn!(%workspace_id, kind, key, %reason, "work waits for the payment gateway");
        Ok(Outcome::Outage)
    }

    async fn perform_in_time(&self, claim: &Claim, longest: Duration) -> Result<Outcome, WorkError> {
        // The process died in each earlier attempt.
        if claim.attempts > ATTEMPTS {
            return Err(WorkError::NeverEnds(claim.attempts - 1));
        }
        let limit = time_limit(claim.id.kind).min(longest);
        let performing = AssertUnwindSafe(self.perform(claim)).catch_unwind();
        tokio::select! {
            biased;
            performed = tokio::time::timeout(limit, performing) => match performed {
                Ok(Ok(performed)) => performed,
                Ok(Err(_panic)) => Err(WorkError::Panicked),
                Err(_elapsed) => Err(WorkError::TooSlow(limit)),
            },
            lost = self.keep_lease(claim) => Err(lost),
        }
    }

    /// Extends the lease for as long as the work takes. Returns why it cannot: another worker has claimed the row, or the
    /// store failed until the lease expired.
    pub(super) async fn keep_lease(&self, claim: &Claim) -> WorkError {
        let lease = Duration::from_secs(LEASE_SECONDS.unsigned_abs());
        let (mut expires_at, mut pause) = (Instant::now() + lease, RENEWED_AFTER);
        loop {
            tokio::time::sleep(pause).await;
            let began = Instant::now();
            let renewed = tokio::time::timeout_at(expires_at, self.renew(claim)).await;
            match renewed.unwrap_or_else(|elapsed| Err(StoreError::Unavailable(elapsed.into()))) {
                Ok(true) => (expires_at, pause) = (began + lease, RENEWED_AFTER),
                Ok(false) => return WorkError::LeaseLost,
                Err(error) if began + RENEWAL_RETRY >= expires_at => return error.into(),
                Err(error) => {
                    let WorkId { workspace_id, kind, key } = &claim.id;
                    let (kind, error) = (kind.as_str(), error_chain(&error));
                    tracing::warn!(%workspace_id, kind, key, %error, "a lease is not extended; it is tried again");
                    pause = RENEWAL_RETRY;
                }
            }
        }
    }

    async fn renew(&self, claim: &Claim) -> Result<bool, StoreError> {
        let mut work = self.ports.store.begin(&claim.id.workspace_id).await?;
        let renewed = work.work().renew(claim, self.ports.clock.now() + LEASE).await?;
        work.commit().await?;
        Ok(renewed)
    }

    /// Ends a claim with nothing left to do.
    pub(super) async fn complete(&self, claim: &Claim) -> Result<(), WorkError> {
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

#[cfg(test)]
mod tests {
    use billing_domain::{GatewayAccountId, Timestamp, WorkFailure, WorkSetAside, WorkspaceId};

    use super::*;

    /// The cause as the workspace is told it.
    fn told(failure: &WorkError) -> WorkFailure {
        let workspace_id = WorkspaceId::parse("ws_1").unwrap();
        let id = WorkId { workspace_id, kind: WorkKind::SyncObject, key: "acct_1/sub_1".to_owned() };
        WorkSetAside { id, reason: error_chain(failure), at: Timestamp::UNIX_EPOCH }.failure()
    }

    fn expected(error: &GatewayError) -> WorkFailure {
        match error {
            GatewayError::Unknown(_) => WorkFailure::GatewaySilent,
            GatewayError::Unreadable(_) => WorkFailure::GatewayUnreadable,
            GatewayError::Refused(_) => WorkFailure::GatewayRefused,
            GatewayError::NoAccess(_) | GatewayError::MixedModes(_) | GatewayError::NotLinked => {
                WorkFailure::GatewayKey
            }
        }
    }

    #[test]
    fn each_failure_is_told_by_its_cause() {
        for error in [
            GatewayError::Unknown("no answer".into()),
            GatewayError::Unreadable("no status".into()),
            GatewayError::Refused("Invalid API Key provided".to_owned()),
            GatewayError::NoAccess(GatewayAccountId::parse("acct_1").unwrap()),
            GatewayError::MixedModes("acct_1 is used in test mode".to_owned()),
            GatewayError::NotLinked,
        ] {
            let expected = expected(&error);
            let failure = WorkError::from(error);
            assert_eq!(told(&failure), expected, "{failure}");
        }
        assert_eq!(told(&WorkError::TooSlow(TIME_LIMIT)), WorkFailure::TooSlow);
        for failure in [
            WorkError::Store(StoreError::Unavailable("db.internal:5432".into())),
            WorkError::UnknownKey,
            WorkError::Panicked,
            WorkError::NeverEnds(ATTEMPTS),
        ] {
            assert_eq!(told(&failure), WorkFailure::Internal, "{failure}");
        }
    }
}
