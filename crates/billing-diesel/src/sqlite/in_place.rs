use std::error::Error;
use std::future::ready;

use diesel_async::sync_connection_wrapper::SpawnBlocking;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, TryFutureExt};
use tokio::runtime::{Handle, RuntimeFlavor};

tokio::task_local! {
    /// Set while a list is scanned.
    static SCANNING: ();
}

/// Reads with statements that may take milliseconds, of which others shall feel nothing: on threads of their own.
pub(super) async fn scanning<T>(reading: impl Future<Output = T>) -> T {
    SCANNING.scope((), reading).await
}

/// Runs statements on the thread that asks for them, but for those of a scan. A read takes microseconds, the way to another thread and back tens of
/// them. Where that thread serves others meanwhile, as on the runtime of the changes, they get another one.
pub(super) struct InPlace;

impl SpawnBlocking for InPlace {
    fn spawn_blocking<'a, R: Send + 'static>(
        &mut self,
        task: impl FnOnce() -> R + Send + 'static,
    ) -> BoxFuture<'a, Result<R, Box<dyn Error + Send + Sync + 'static>>> {
        if SCANNING.try_with(|()| ()).is_ok() {
            return tokio::task::spawn_blocking(task).map_err(Into::into).boxed();
        }
        let is_shared =
            Handle::try_current().is_ok_and(|runtime| runtime.runtime_flavor() == RuntimeFlavor::MultiThread);
        ready(Ok(if is_shared { tokio::task::block_in_place(task) } else { task() })).boxed()
    }

    fn get_runtime() -> Self {
        Self
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[tokio::test]
    async fn a_scan_leaves_the_thread_of_the_worker_alone() {
        let here = thread::current().id();
        let used = || async { InPlace.spawn_blocking(|| thread::current().id()).await.unwrap() };
        assert_eq!(used().await, here);
        assert_ne!(scanning(used()).await, here);
    }
}
