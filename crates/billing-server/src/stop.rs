use std::fmt;
use std::time::Duration;

use billing_diesel::MigrationStep;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::BoxError;

/// The time after which a step counts as slow, and the log says what is waited for.
const SLOW: Duration = Duration::from_secs(5);

/// SIGTERM and SIGINT.
pub(crate) struct StopSignals {
    terminate: Signal,
    interrupt: Signal,
}

impl StopSignals {
    /// Handles the signals from now on. Without a handler they kill the process, or are ignored by process 1.
    pub(crate) fn listen() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    pub(crate) async fn received(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    /// Does `work` on a task of its own. `None` if a signal comes first: the task is left as it is then, for the end of
    /// the process, because cancelling it could wait for a blocking call.
    pub(crate) async fn unless_received<T: Send + 'static>(
        &mut self,
        step: &Step,
        work: impl Future<Output = Result<T, BoxError>> + Send + 'static,
    ) -> Result<Option<T>, BoxError> {
        let mut work = tokio::spawn(work);
        let mut slow = tokio::time::interval_at(Instant::now() + SLOW, SLOW);
        loop {
            tokio::select! {
                ended = &mut work => return ended?.map(Some),
                () = self.received() => return Ok(None),
                _ = slow.tick() => tracing::info!("still {step}"),
            }
        }
    }
}

/// The step that a start or a migration is at.
#[derive(Clone, Default)]
pub(crate) struct Step(watch::Sender<&'static str>);

impl Step {
    /// `doing` continues a sentence, such as "connecting to the database".
    pub(crate) fn begin(&self, doing: &'static str) {
        // First: who reads the line below and sends a signal is told of this step, not of the one before.
        self.0.send_replace(doing);
        tracing::debug!("{doing}");
    }

    pub(crate) fn begin_migration(&self, step: MigrationStep) {
        self.begin(match step {
            MigrationStep::Connecting => "connecting to the database",
            MigrationStep::WaitingForLock => "waiting for the migrations of another process to end",
            MigrationStep::Migrating => "migrating the database",
            MigrationStep::Distributing => "distributing the tables",
        });
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(*self.0.borrow())
    }
}
