use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use billing_domain::WorkspaceId;
use futures_util::FutureExt;
use tokio::runtime::Handle;
use tokio::task::JoinError;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

use crate::admission::Admission;

/// Longer than a use case takes on a database in good health, whose waits for a turn, a connection and a lock are bounded
/// by five seconds each.
const PATIENCE: Duration = Duration::from_secs(15);

/// A use case without a known outcome.
#[derive(Debug, thiserror::Error)]
pub enum Interrupted {
    /// The workspace has too many use cases in flight; this one was not begun. May be repeated in a second.
    #[error(
        "This workspace has too many requests at once. Send fewer at a time, and this one again in a second."
    )]
    Crowded,
    /// The time limit passed. The use case goes on; its outcome is unknown.
    #[error("a use case took longer than {} seconds", PATIENCE.as_secs())]
    TooSlow,
    /// The use case panicked, or the process is ending.
    #[error("a use case ended without a result: {0}")]
    Broken(String),
}

/// Runs use cases to their end, even if the client disconnects.
///
/// An actix worker drops a handler's future when its client disconnects. A change therefore runs on the
/// multi-threaded main runtime. A read runs on the worker, since two thread switches cost more than the read; if
/// dropped, it moves to the main runtime and ends there.
#[derive(Clone)]
pub struct Runner {
    runtime: Handle,
    running: TaskTracker,
    admission: Admission,
    questions: Admission,
}

impl Runner {
    /// A runner on the current runtime, which must be multi-threaded.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    #[must_use]
    pub fn on_this_runtime() -> Self {
        Self {
            runtime: Handle::current(),
            running: TaskTracker::new(),
            admission: Admission::of_all(),
            questions: Admission::of_questions(),
        }
    }

    /// Runs a future that may change something in the workspace. A panic in it is an internal error of this request.
    ///
    /// # Errors
    /// [`Interrupted`].
    pub async fn run<Output, Task>(&self, workspace: &WorkspaceId, task: Task) -> Result<Output, Interrupted>
    where
        Task: Future<Output = Output> + Send + 'static,
        Output: Send + 'static,
    {
        self.run_of_the_service(self.admitted(workspace, task)?).await
    }

    /// Runs a future that asks the payment gateway and changes nothing there. Of these a workspace may have few at a time, so
    /// that it leaves the rate of a shared account to the others (contract, I11).
    ///
    /// # Errors
    /// [`Interrupted`].
    pub async fn ask_gateway<Output, Task>(
        &self,
        workspace: &WorkspaceId,
        task: Task,
    ) -> Result<Output, Interrupted>
    where
        Task: Future<Output = Output> + Send + 'static,
        Output: Send + 'static,
    {
        let asking = self.questions.admit(workspace).ok_or(Interrupted::Crowded)?;
        self.run(workspace, async move {
            let _asking = asking;
            task.await
        })
        .await
    }

    /// Runs a future that may change something, and whose workspace is not known before.
    ///
    /// # Errors
    /// [`Interrupted`].
    pub async fn run_of_the_service<Output, Task>(&self, task: Task) -> Result<Output, Interrupted>
    where
        Task: Future<Output = Output> + Send + 'static,
        Output: Send + 'static,
    {
        let spawned = self.running.spawn_on(task.in_current_span(), &self.runtime);
        let joined: Result<_, JoinError> = within_patience(spawned).await?;
        joined.map_err(|error| Interrupted::Broken(error.to_string()))
    }

    /// Runs a future that only reads in the workspace. A panic in it is an internal error of this request.
    ///
    /// # Errors
    /// [`Interrupted`].
    pub async fn read<Output, Task>(&self, workspace: &WorkspaceId, task: Task) -> Result<Output, Interrupted>
    where
        Task: Future<Output = Output> + Send + 'static,
        Output: Send + 'static,
    {
        self.read_of_the_service(self.admitted(workspace, task)?).await
    }

    /// Runs a future that only reads, and concerns no workspace.
    ///
    /// # Errors
    /// [`Interrupted`].
    pub async fn read_of_the_service<Output, Task>(&self, task: Task) -> Result<Output, Interrupted>
    where
        Task: Future<Output = Output> + Send + 'static,
        Output: Send + 'static,
    {
        let task = Box::pin(AssertUnwindSafe(task.in_current_span()).catch_unwind());
        let caught = within_patience(InPlace { task: Some(task), runner: self }).await?;
        caught.map_err(|_| Interrupted::Broken("a read panicked; the panic is in the log above".to_owned()))
    }

    /// Starts a future whose end nobody awaits. [`Self::drain`] does.
    pub fn start(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.running.spawn_on(task.in_current_span(), &self.runtime);
    }

    /// The task, which counts as in flight until it ends, with or without its caller.
    fn admitted<Task: Future>(
        &self,
        workspace: &WorkspaceId,
        task: Task,
    ) -> Result<impl Future<Output = Task::Output> + use<Task>, Interrupted> {
        let admitted = self.admission.admit(workspace).ok_or(Interrupted::Crowded)?;
        Ok(async move {
            let _admitted = admitted;
            task.await
        })
    }

    /// Waits for the end of everything that was started.
    pub async fn drain(&self) {
        self.running.close();
        self.running.wait().await;
    }
}

/// Waits for a future within the time limit. The future then goes on without its caller, so that a stuck database
/// does not hold up requests.
async fn within_patience<Output>(future: impl Future<Output = Output>) -> Result<Output, Interrupted> {
    tokio::time::timeout(PATIENCE, future).await.map_err(|_| Interrupted::TooSlow)
}

/// Polled in place, and moved to the main runtime if dropped before its end.
struct InPlace<'a, Task: Future<Output: Send> + Send + 'static> {
    task: Option<Pin<Box<Task>>>,
    runner: &'a Runner,
}

impl<Task: Future<Output: Send> + Send + 'static> Future for InPlace<'_, Task> {
    type Output = Task::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Task::Output> {
        // Never polled after its end.
        let Some(task) = &mut self.task else { return Poll::Pending };
        let polled = task.as_mut().poll(context);
        if polled.is_ready() {
            self.task = None;
        }
        polled
    }
}

impl<Task: Future<Output: Send> + Send + 'static> Drop for InPlace<'_, Task> {
    fn drop(&mut self) {
        if let Some(task) = self.task.take() {
            self.runner.running.spawn_on(task, &self.runner.runtime);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use tokio::sync::Notify;

    use super::*;

    fn workspace() -> WorkspaceId {
        WorkspaceId::parse("ws_test").unwrap()
    }

    /// A future that waits for a signal and records whether it ended.
    struct Waiting {
        go_on: Arc<Notify>,
        ended: Arc<AtomicBool>,
    }

    impl Waiting {
        fn new() -> Self {
            Self { go_on: Arc::new(Notify::new()), ended: Arc::new(AtomicBool::new(false)) }
        }

        fn task(&self) -> impl Future<Output = ()> + Send + use<> {
            let (go_on, ended) = (Arc::clone(&self.go_on), Arc::clone(&self.ended));
            async move {
                go_on.notified().await;
                ended.store(true, Ordering::SeqCst);
            }
        }

        /// Begins the future, drops it, and then lets it go on.
        async fn ends_in(
            self,
            runner: &Runner,
            asked: impl Future<Output = Result<(), Interrupted>>,
        ) -> bool {
            let mut asked = Box::pin(asked);
            assert!(futures_util::poll!(asked.as_mut()).is_pending());
            drop(asked);
            self.go_on.notify_one();
            runner.drain().await;
            self.ended.load(Ordering::SeqCst)
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_use_case_ends_without_its_caller() {
        let (runner, workspace) = (Runner::on_this_runtime(), workspace());
        let [read, change, of_the_service] = [(); 3].map(|()| Waiting::new());
        let reading = runner.read(&workspace, read.task());
        let changing = runner.run(&workspace, change.task());
        let changing_the_service = runner.run_of_the_service(of_the_service.task());
        assert!(of_the_service.ends_in(&runner, changing_the_service).await);
        assert!(change.ends_in(&runner, changing).await);
        assert!(read.ends_in(&runner, reading).await);
    }

    #[tokio::test(start_paused = true)]
    async fn a_use_case_past_the_time_limit_goes_on() {
        let runner = Runner::on_this_runtime();
        let (read, change) = (Waiting::new(), Waiting::new());
        assert!(matches!(runner.read(&workspace(), read.task()).await, Err(Interrupted::TooSlow)));
        assert!(matches!(runner.run(&workspace(), change.task()).await, Err(Interrupted::TooSlow)));
        for waiting in [&read, &change] {
            waiting.go_on.notify_one();
        }
        runner.drain().await;
        assert!(read.ended.load(Ordering::SeqCst) && change.ended.load(Ordering::SeqCst));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_workspace_asks_the_gateway_a_few_questions_at_a_time() {
        let (runner, busy) = (Runner::on_this_runtime(), workspace());
        let questions: Vec<_> = (0..5).map(|_| Waiting::new()).collect();
        let mut asked: Vec<_> =
            questions.iter().map(|question| Box::pin(runner.ask_gateway(&busy, question.task()))).collect();
        for admitted in &mut asked[..4] {
            assert!(futures_util::poll!(admitted.as_mut()).is_pending());
        }
        assert!(matches!(asked.pop().unwrap().await, Err(Interrupted::Crowded)));
        assert!(runner.run(&busy, async {}).await.is_ok());
        let other = WorkspaceId::parse("ws_other").unwrap();
        assert!(runner.ask_gateway(&other, async {}).await.is_ok());
        for question in &questions {
            question.go_on.notify_one();
        }
        for admitted in asked {
            assert!(admitted.await.is_ok());
        }
        assert!(runner.ask_gateway(&busy, async {}).await.is_ok());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_panic_is_an_error_of_one_request() {
        let runner = Runner::on_this_runtime();
        let panics = || async { panic!("a bug") };
        assert!(matches!(runner.run(&workspace(), panics()).await, Err(Interrupted::Broken(_))));
        assert!(matches!(runner.read(&workspace(), panics()).await, Err(Interrupted::Broken(_))));
        runner.drain().await;
    }
}
