use std::future::ready;
use std::sync::Arc;

use billing_domain::ports::BoxError;
use diesel_async::sync_connection_wrapper::SpawnBlocking;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, TryFutureExt};
use tokio::runtime::{Handle, RuntimeFlavor};

use crate::gate::Gate;

tokio::task_local! {
    /// Set while a list is scanned.
    static SCANNING: ();
    /// Set where statements run past a gate.
    static PAST_THE_GATE: ();
}

/// Reads with statements that may take milliseconds, of which others shall feel nothing: on threads of their own.
pub(super) async fn scanning<T>(reading: impl Future<Output = T>) -> T {
    SCANNING.scope((), reading).await
}

/// Runs statements past the gate of their connection. One without a gate refuses them.
pub(super) fn past_the_gate<T>(run: impl FnOnce() -> T) -> T {
    PAST_THE_GATE.sync_scope((), run)
}

/// The place where statements run.
pub(super) enum InPlace {
    /// On the thread that asks for them, but for those of a scan. A read takes microseconds, the way to another thread and
    /// back tens of them. Where that thread serves others meanwhile, as on the runtime of the changes, they get another
    /// one.
    Here,
    /// There too, scans included, behind a gate.
    Gated(Arc<dyn Gate>),
}

impl SpawnBlocking for InPlace {
    fn spawn_blocking<'a, R: Send + 'static>(
        &mut self,
        task: impl FnOnce() -> R + Send + 'static,
    ) -> BoxFuture<'a, Result<R, BoxError>> {
        let is_past_the_gate = PAST_THE_GATE.try_with(|()| ()).is_ok();
        match self {
            Self::Gated(_) if is_past_the_gate => return ready(Ok(task())).boxed(),
            Self::Gated(gate) => return gated(Arc::clone(gate), task).boxed(),
            Self::Here if is_past_the_gate => return ready(Err("the connection has no gate".into())).boxed(),
            Self::Here => {}
        }
        if SCANNING.try_with(|()| ()).is_ok() {
            return tokio::task::spawn_blocking(task).map_err(Into::into).boxed();
        }
        let is_shared =
            Handle::try_current().is_ok_and(|runtime| runtime.runtime_flavor() == RuntimeFlavor::MultiThread);
        ready(Ok(if is_shared { tokio::task::block_in_place(task) } else { task() })).boxed()
    }

    fn get_runtime() -> Self {
        Self::Here
    }
}

async fn gated<R>(gate: Arc<dyn Gate>, task: impl FnOnce() -> R + Send) -> Result<R, BoxError> {
    gate.before().await?;
    let done = task();
    gate.after().await?;
    Ok(done)
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[tokio::test]
    async fn a_scan_leaves_the_thread_of_the_worker_alone() {
        let here = thread::current().id();
        let used = || async { InPlace::Here.spawn_blocking(|| thread::current().id()).await.unwrap() };
        assert_eq!(used().await, here);
        assert_ne!(scanning(used()).await, here);
    }
}
