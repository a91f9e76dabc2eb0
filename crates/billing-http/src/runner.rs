use tokio::runtime::Handle;
use tokio::task::JoinError;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

use crate::error::ApiError;

/// Runs use cases on the multi-threaded main runtime.
///
/// An actix worker drops a handler's future when its client goes away. On the main runtime the use case goes on
/// to its end, so that nothing is cancelled between two steps; and SQLite futures, which panic when they are
/// dropped on a worker's single-threaded runtime, never live there.
#[derive(Clone)]
pub struct Runner {
    runtime: Handle,
    running: TaskTracker,
}

impl Runner {
    /// Runs on the runtime this is called from, which must be multi-threaded.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    #[must_use]
    pub fn on_this_runtime() -> Self {
        Self { runtime: Handle::current(), running: TaskTracker::new() }
    }

    /// What the future gives. A panic inside it is an internal error of this one request.
    pub(crate) async fn run<Output, Failure, Task>(&self, task: Task) -> Result<Output, ApiError>
    where
        Task: Future<Output = Result<Output, Failure>> + Send + 'static,
        Output: Send + 'static,
        Failure: Into<ApiError> + Send + 'static,
    {
        let joined: Result<_, JoinError> = self.running.spawn_on(task.in_current_span(), &self.runtime).await;
        joined.map_err(ApiError::internal)?.map_err(Into::into)
    }

    /// Waits until every use case that was begun has ended.
    pub async fn drain(&self) {
        self.running.close();
        self.running.wait().await;
    }
}
