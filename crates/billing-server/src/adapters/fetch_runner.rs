use async_trait::async_trait;
use billing_application::{Interrupted, Runner};
use billing_domain::ports::SessionError;
use billing_tokens::{FetchRunner, KeyFetch};

/// Runs key fetches on the main runtime, as use cases are. [`Runner::drain`] waits for them.
pub struct MainRuntimeFetchRunner(pub Runner);

#[async_trait]
impl FetchRunner for MainRuntimeFetchRunner {
    async fn run(&self, fetch: KeyFetch) -> Result<(), SessionError> {
        self.0.read_of_the_service(fetch).await.unwrap_or_else(|interrupted| Err(failure(interrupted)))
    }
}

/// A timeout means an unreachable issuer; a panic is a bug.
fn failure(interrupted: Interrupted) -> SessionError {
    match interrupted {
        Interrupted::TooSlow | Interrupted::Crowded => SessionError::Unavailable(interrupted.into()),
        Interrupted::Broken(_) => SessionError::Unexpected(interrupted.into()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use tokio::sync::Notify;

    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn fetch_goes_on_when_its_request_is_cancelled_and_drain_waits_for_it() {
        let runner = Runner::on_this_runtime();
        let fetches = MainRuntimeFetchRunner(runner.clone());
        let (go_on, ended) = (Arc::new(Notify::new()), Arc::new(AtomicBool::new(false)));
        let (told, ends) = (Arc::clone(&go_on), Arc::clone(&ended));
        let mut request = fetches.run(Box::pin(async move {
            told.notified().await;
            ends.store(true, Ordering::SeqCst);
            Ok(())
        }));
        assert!(futures_util::poll!(request.as_mut()).is_pending());
        drop(request);
        go_on.notify_one();
        runner.drain().await;
        assert!(ended.load(Ordering::SeqCst));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn panic_of_a_fetch_is_an_internal_error_and_its_timeout_an_outage() {
        let fetches = MainRuntimeFetchRunner(Runner::on_this_runtime());
        let panicked = fetches.run(Box::pin(async { panic!("a bug") })).await;
        assert!(matches!(panicked, Err(SessionError::Unexpected(_))));
        assert!(matches!(failure(Interrupted::TooSlow), SessionError::Unavailable(_)));
    }
}
