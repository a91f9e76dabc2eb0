use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use billing_domain::ports::{BoxError, SessionError, error_chain};
use jsonwebtoken::Algorithm;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::FetchRunner;
use crate::issuer::Issuer;
use crate::key::VerificationKey;
use crate::key_set::KeySet;

/// From the start of a successful fetch to the next, however many tokens name unknown keys (contract, section 3).
const REFETCH_INTERVAL: Duration = Duration::from_secs(30);
/// From the end of a failed fetch to the next.
const RETRY_INTERVAL: Duration = Duration::from_secs(5);
/// Keys older than this are fetched again, so that a withdrawn key stops working.
const KEYS_AGE: Duration = Duration::from_mins(5);
/// Keys older than this are not trusted, also if the issuer cannot be reached.
const OLDEST_KEYS: Duration = Duration::from_hours(1);

/// Cache of the key set that one issuer publishes. At most one fetch is running at a time, for all callers.
pub(crate) struct JwksCache {
    runner: Arc<dyn FetchRunner>,
    source: Arc<Source>,
}

struct Source {
    /// The kind of tokens these keys verify, for the log.
    kind: &'static str,
    issuer: Issuer,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    keys: KeySet,
    fetched_at: Option<Instant>,
    /// The cause, unless the last fetch succeeded.
    failure: Option<Arc<str>>,
    /// Earliest start of the next fetch.
    next_fetch: Option<Instant>,
    running: Option<Running>,
}

/// A fetch that is running. Changes once its result is in the cache; closed without a change if the fetch panicked.
type Running = watch::Receiver<()>;

impl JwksCache {
    /// An empty cache of the keys at this URL.
    ///
    /// # Errors
    /// If the URL is malformed or the HTTP client cannot be built.
    pub(crate) fn new(
        kind: &'static str,
        url: &str,
        runner: Arc<dyn FetchRunner>,
    ) -> Result<Self, reqwest::Error> {
        let source = Source { kind, issuer: Issuer::at(url)?, state: Mutex::default() };
        Ok(Self { runner, source: Arc::new(source) })
    }

    /// The keys with this id that are used with this algorithm; none if the issuer publishes none. Fetches the key set
    /// if none is known or the set is older than 5 minutes: at most once in 30 seconds, and no earlier than 5 seconds
    /// after a failure. May be repeated.
    ///
    /// # Errors
    /// Only if the key is unknown or the key set older than an hour: [`SessionError::Unavailable`] if the last fetch
    /// failed, [`SessionError::Unexpected`] if it panicked.
    pub(crate) async fn keys(
        &self,
        id: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<Vec<Arc<VerificationKey>>, SessionError> {
        if let Some(mut fetch) = self.fetch_to_wait_for(id, algorithm) {
            fetch
                .changed()
                .await
                .map_err(|_| SessionError::Unexpected("a fetch of keys was cut off".into()))?;
        }
        self.source.state().answer(id, algorithm)
    }

    /// The fetch that decides whether there is such a key. Starts one if necessary.
    fn fetch_to_wait_for(&self, id: Option<&str>, algorithm: Algorithm) -> Option<Running> {
        let mut state = self.source.state();
        let is_known = !state.trusted(id, algorithm).is_empty();
        if is_known && state.age() < KEYS_AGE {
            return None;
        }
        if let Some(running) = state.running() {
            return (!is_known).then_some(running);
        }
        if state.next_fetch.is_some_and(|earliest| Instant::now() < earliest) {
            return None;
        }
        // A known key goes on working during an outage, without a wait for the next failure.
        let waits = !is_known || state.failure.is_none();
        let fetch = self.start_fetch(&mut state);
        waits.then_some(fetch)
    }

    fn start_fetch(&self, state: &mut State) -> Running {
        let (ended, running) = watch::channel(());
        let began = Instant::now();
        // These hold if the fetch panics.
        state.failure = Some("a fetch of keys was cut off".into());
        state.next_fetch = Some(began + RETRY_INTERVAL);
        state.running = Some(running.clone());
        let source = Arc::clone(&self.source);
        self.runner.start(Box::pin(async move {
            let fetched = source.issuer.fetch().await;
            source.record(began, fetched);
            ended.send_replace(());
        }));
        running
    }
}

impl Source {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the running fetch. A set without a usable key withdraws the known ones; the issuer is then as unavailable
    /// as one that does not answer.
    fn record(&self, began: Instant, fetched: Result<KeySet, BoxError>) {
        let mut state = self.state();
        let now = Instant::now();
        state.running = None;
        state.failure = match fetched {
            Ok(keys) => {
                state.keys = keys;
                state.fetched_at = Some(now);
                state.keys.is_empty().then(|| "the issuer publishes no key that verifies tokens".into())
            }
            Err(error) => Some(error_chain(error.as_ref()).into()),
        };
        state.next_fetch = Some(match &state.failure {
            None => began + REFETCH_INTERVAL,
            Some(cause) => {
                tracing::warn!(error = %cause, "{} keys cannot be fetched", self.kind);
                now + RETRY_INTERVAL
            }
        });
    }
}

impl State {
    fn age(&self) -> Duration {
        self.fetched_at.map_or(Duration::MAX, |at| at.elapsed())
    }

    fn trusted(&self, id: Option<&str>, algorithm: Algorithm) -> Vec<Arc<VerificationKey>> {
        if self.age() < OLDEST_KEYS { self.keys.find(id, algorithm) } else { Vec::new() }
    }

    fn running(&self) -> Option<Running> {
        self.running.clone().filter(|fetch| fetch.has_changed().is_ok())
    }

    /// A key is unknown only if the last fetch succeeded without it.
    fn answer(
        &self,
        id: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<Vec<Arc<VerificationKey>>, SessionError> {
        let keys = self.trusted(id, algorithm);
        match &self.failure {
            Some(cause) if keys.is_empty() => Err(SessionError::Unavailable(cause.to_string().into())),
            _ => Ok(keys),
        }
    }
}
