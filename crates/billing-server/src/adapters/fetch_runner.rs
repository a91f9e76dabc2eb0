use billing_application::Runner;
use billing_tokens::{FetchRunner, KeyFetch};

/// Runs key fetches on the main runtime, as use cases are. [`Runner::drain`] waits for them.
pub struct MainRuntimeFetchRunner(pub Runner);

impl FetchRunner for MainRuntimeFetchRunner {
    fn start(&self, fetch: KeyFetch) {
        self.0.start(fetch);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use tokio::sync::Notify;

    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn drain_waits_for_a_fetch() {
        let runner = Runner::on_this_runtime();
        let (go_on, ended) = (Arc::new(Notify::new()), Arc::new(AtomicBool::new(false)));
        let (told, ends) = (Arc::clone(&go_on), Arc::clone(&ended));
        MainRuntimeFetchRunner(runner.clone()).start(Box::pin(async move {
            told.notified().await;
            ends.store(true, Ordering::SeqCst);
        }));
        let mut drained = Box::pin(runner.drain());
        assert!(futures_util::poll!(drained.as_mut()).is_pending());
        go_on.notify_one();
        drained.await;
        assert!(ended.load(Ordering::SeqCst));
    }
}
