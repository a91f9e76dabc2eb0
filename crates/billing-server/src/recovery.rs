use std::time::Duration;

use billing_application::RecoverClosings;
use billing_domain::ports::error_chain;
use billing_http::Metrics;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

/// How long a closing that a crash or a database failure has left can stay. Billing counts as on until then.
const INTERVAL: Duration = Duration::from_secs(15);

/// Ends closings their callers did not, from time to time.
pub(crate) struct RecoveryWorker {
    recover_closings: RecoverClosings,
    metrics: Metrics,
}

impl RecoveryWorker {
    pub(crate) fn new(recover_closings: RecoverClosings, metrics: Metrics) -> Self {
        Self { recover_closings, metrics }
    }

    /// Ends what is there now.
    pub(crate) async fn recover_once(&self) {
        match self.recover_closings.execute().await {
            Ok(recovered) => {
                for (outcome, number) in [
                    ("disabled", recovered.disabled),
                    ("refused", recovered.refused),
                    ("failed", recovered.failed),
                ] {
                    if number > 0 {
                        tracing::warn!(outcome, number, "ended closings that had been left");
                        self.metrics.count_recovered_closings(outcome, number);
                    }
                }
            }
            Err(error) => {
                let error = error_chain(&error);
                tracing::error!(%error, "closings that were left cannot be looked for");
            }
        }
    }

    /// Goes on until it is told to stop; a run that has begun is finished.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let mut ticks = tokio::time::interval_at(Instant::now() + INTERVAL, INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = ticks.tick() => self.recover_once().await,
            }
        }
    }
}
