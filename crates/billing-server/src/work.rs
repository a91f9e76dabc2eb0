use std::panic::AssertUnwindSafe;
use std::time::Duration;

use billing_application::{Outcome, Ports, Turn, Worker};
use billing_domain::ports::{GatewayError, error_chain};
use billing_domain::{Gateway, WorkKind};
use billing_http::Metrics;
use futures_util::FutureExt;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The number of concurrent workers, which the limits of `worker/slots.rs` are made for. One at a time recovers a closing,
/// which may take 11 minutes; any other row keeps a worker for 30 seconds at most.
const WORKERS: usize = 4;
/// The delay of an idle worker before the next turn, if nothing wakes it: what another replica has scheduled waits this
/// long.
const POLL_INTERVAL: Duration = Duration::from_secs(2);
/// The delay before Stripe is asked again for the account of a key.
const ACCOUNT_INTERVAL: Duration = Duration::from_secs(5);
/// The time after which a starting process serves although a crash has left more to do.
const RECOVERY_LIMIT: Duration = Duration::from_secs(5);
/// The interval of looking for closings without work and of reporting rows that were set aside.
const SWEEP_INTERVAL: Duration = Duration::from_mins(1);
/// The interval of deleting what is old.
const RETENTION_INTERVAL: Duration = Duration::from_hours(1);
/// The interval of looking for what workspaces pay: that of the reconciliation of their own accounts.
const PAYING_INTERVAL: Duration = Duration::from_mins(10);
/// The maximum number of rows set aside that the log names.
const SET_ASIDE_LOGGED: u32 = 20;

/// Runs the durable worker of this process.
#[derive(Clone)]
pub(crate) struct WorkRunner {
    worker: Worker,
    ports: Ports,
    metrics: Metrics,
}

impl WorkRunner {
    pub(crate) fn new(ports: Ports, metrics: Metrics) -> Self {
        Self { worker: Worker::new(ports.clone()), ports, metrics }
    }

    /// Ends the closings a crash has left, before the first request, as far as this is quickly done.
    pub(crate) async fn recover(&self) {
        let recovery = self.worker.recover(RECOVERY_LIMIT, |kind, outcome| self.tell(kind, outcome));
        if let Err(error) = recovery.await {
            let error = error_chain(&error);
            tracing::error!(%error, "what a crash has left cannot be looked for");
        }
    }

    /// Works until stopped; a turn that has begun is finished.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let tasks = TaskTracker::new();
        for _ in 0..WORKERS {
            tasks.spawn(self.clone().take_turns(stop.clone()));
        }
        tasks.spawn(self.clone().learn_accounts(stop.clone()));
        tasks.spawn(self.clone().delete_expired(stop.clone()));
        tasks.spawn(self.clone().reconcile_paying_workspaces(stop.clone()));
        tasks.spawn(self.sweep(stop));
        tasks.close();
        tasks.wait().await;
    }

    async fn take_turns(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            match AssertUnwindSafe(self.worker.turn()).catch_unwind().await {
                Ok(Ok(Turn::Worked(kind, outcome))) => {
                    self.tell(kind, outcome);
                    continue;
                }
                Ok(Ok(Turn::Idle)) => {}
                Ok(Err(error)) => {
                    let error = error_chain(&error);
                    tracing::error!(%error, "work cannot be looked for");
                }
                Err(_panic) => {
                    tracing::error!("a turn of the worker panicked; the panic is in the log above");
                }
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.ports.wake.notified() => {}
                () = tokio::time::sleep(POLL_INTERVAL) => {}
            }
        }
    }

    /// Asks Stripe which account each key is of, until it is known: webhooks need it. Then reconciles, since events may
    /// have been lost while the process was down.
    async fn learn_accounts(self, stop: CancellationToken) {
        let available = |gateway: &Gateway| self.ports.availability.require(*gateway).is_ok();
        for gateway in Gateway::ALL.into_iter().filter(available) {
            while let Err(error) = self.ports.gateway.account_of(gateway).await {
                if !matches!(error, GatewayError::Unknown(_) | GatewayError::Unreadable(_)) {
                    Self::tell_no_account(gateway, &error);
                    break;
                }
                tracing::warn!(%gateway, error = %error_chain(&error), "Stripe does not name the account of a key");
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = tokio::time::sleep(ACCOUNT_INTERVAL) => {}
                }
            }
        }
        if let Err(error) = self.worker.reconcile_all().await {
            tracing::error!(error = %error_chain(&error), "what was sold is not reconciled at the start");
        }
    }

    /// Logs that the account of a key cannot be used. A gateway without a linked account is as it should be.
    fn tell_no_account(gateway: Gateway, error: &GatewayError) {
        if !matches!(error, GatewayError::NotLinked) {
            tracing::error!(%gateway, error = %error_chain(error), "the account of a key cannot be used");
        }
    }

    async fn sweep(self, stop: CancellationToken) {
        let mut ticks = tokio::time::interval_at(Instant::now(), SWEEP_INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = ticks.tick() => {}
            }
            let swept = self.worker.sweep().await;
            if let Err(error) = swept.and(self.tell_set_aside().await) {
                let error = error_chain(&error);
                tracing::error!(%error, "what was left cannot be looked for");
            }
        }
    }

    /// Deletes what is old. Another task than the sweep, which must not wait for it.
    async fn delete_expired(self, stop: CancellationToken) {
        let mut ticks = tokio::time::interval_at(Instant::now(), RETENTION_INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = ticks.tick() => {}
            }
            let deleting = self.worker.delete_expired();
            let Some(deleted) = stop.run_until_cancelled(deleting).await else { return };
            match deleted {
                Ok(0) => {}
                Ok(rows) => tracing::info!(rows, "what is older than 30 days was deleted"),
                Err(error) => {
                    tracing::error!(error = %error_chain(&error), "what is old cannot be looked for");
                }
            }
        }
    }

    /// Looks for what workspaces pay the platform and no event told of. Another task than the sweep: the lists are long.
    async fn reconcile_paying_workspaces(self, stop: CancellationToken) {
        let mut ticks = tokio::time::interval_at(Instant::now(), PAYING_INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = ticks.tick() => {}
            }
            let reconciling = self.worker.reconcile_paying_workspaces();
            match stop.run_until_cancelled(reconciling).await {
                None => return,
                Some(0) => {}
                Some(found) => tracing::info!(found, "what workspaces pay is fetched without an event"),
            }
        }
    }

    async fn tell_set_aside(&self) -> Result<(), billing_domain::ports::StoreError> {
        let (listed, total) = self.worker.set_aside(SET_ASIDE_LOGGED).await?;
        self.metrics.set_work_set_aside(total);
        self.metrics.set_unplaced_events(self.worker.unplaced(0).await?.1);
        for work in listed {
            let (workspace_id, kind, key) = (&work.id.workspace_id, work.id.kind.as_str(), &work.id.key);
            tracing::warn!(%workspace_id, kind, key, reason = %work.reason, since = %work.at, "work is set aside");
        }
        Ok(())
    }

    fn tell(&self, kind: WorkKind, outcome: Outcome) {
        self.metrics.count_work(kind.as_str(), outcome.as_str());
        if matches!(outcome, Outcome::Disabled | Outcome::Refused) {
            tracing::warn!(outcome = outcome.as_str(), "ended a closing that had been left");
        }
        if matches!(outcome, Outcome::Disabled | Outcome::Refused | Outcome::Failed) {
            match kind {
                WorkKind::RecoverClosing => self.metrics.count_recovered_closing(outcome.as_str()),
                WorkKind::SettleCall
                | WorkKind::SyncObject
                | WorkKind::FollowPlan
                | WorkKind::FollowPrice
                | WorkKind::Reconcile => {}
            }
        }
    }
}
