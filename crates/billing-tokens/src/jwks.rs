use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use billing_domain::ports::{BoxError, SessionError, error_chain};
use jsonwebtoken::jwk::JwkSet;
use reqwest::{Client, StatusCode, Url};
use tokio::sync::Mutex;

use crate::FetchRunner;
use crate::key::VerificationKey;

/// Shortest time between two fetches, however many tokens name unknown keys.
const REFETCH_INTERVAL: Duration = Duration::from_secs(30);
/// Shortest time between two fetches while none has succeeded.
const RETRY_INTERVAL: Duration = Duration::from_secs(5);
/// Keys older than this are fetched again, so that a withdrawn key stops working.
const KEYS_AGE: Duration = Duration::from_mins(5);
/// Keys older than this are not trusted, also if the issuer cannot be reached.
const OLDEST_KEYS: Duration = Duration::from_hours(1);
const FETCH_TIMEOUT: Duration = Duration::from_secs(5);
/// In bytes.
const LARGEST_KEY_SET: usize = 256 * 1024;

/// Keys by `kid`; a key without one is found only by a token without one.
type KeysById = HashMap<Option<String>, Arc<VerificationKey>>;

/// Cache of the key set that one issuer publishes.
pub(crate) struct JwksCache {
    /// The kind of tokens these keys verify, for the log.
    kind: &'static str,
    runner: Arc<dyn FetchRunner>,
    source: Arc<Source>,
}

struct Source {
    client: Client,
    url: Url,
    known: RwLock<Known>,
    /// Start of the last fetch. Locked while one is running.
    last_fetch: Mutex<Option<Instant>>,
}

#[derive(Default)]
struct Known {
    keys: KeysById,
    fetched_at: Option<Instant>,
}

impl JwksCache {
    /// An empty cache of the keys at this URL. Follows no redirects.
    ///
    /// # Errors
    /// If the URL is malformed or the HTTP client cannot be built.
    pub(crate) fn new(
        kind: &'static str,
        url: &str,
        runner: Arc<dyn FetchRunner>,
    ) -> Result<Self, reqwest::Error> {
        let client =
            Client::builder().timeout(FETCH_TIMEOUT).redirect(reqwest::redirect::Policy::none()).build()?;
        let url = client.get(url).build()?.url().clone();
        let source = Source { client, url, known: RwLock::default(), last_fetch: Mutex::default() };
        Ok(Self { kind, runner, source: Arc::new(source) })
    }

    /// The key with this id, or `None` if the issuer does not publish it. Fetches the key set if the key is unknown or
    /// older than 5 minutes, at most once in 30 seconds (in 5 until a fetch has succeeded). May be repeated.
    ///
    /// # Errors
    /// Only if the key is unknown or the key set older than an hour: [`SessionError::Unavailable`] if the key set
    /// cannot be fetched now, [`SessionError::Unexpected`] if the fetch panicked.
    pub(crate) async fn key(&self, id: Option<&str>) -> Result<Option<Arc<VerificationKey>>, SessionError> {
        let (known, age) = self.source.look_up(id);
        if known.is_some() && age < KEYS_AGE {
            return Ok(known);
        }
        let source = Arc::clone(&self.source);
        let waits = known.is_none() || age >= OLDEST_KEYS;
        let fetched = self.runner.run(Box::pin(async move { source.refetch(waits).await })).await;
        let (known, age) = self.source.look_up(id);
        verdict(self.kind, known, age, fetched)
    }
}

/// The result of a lookup, given the age of the key set after an attempt to refresh it. A known key is used while the
/// issuer is unavailable, until the set is an hour old. A key is unknown only if a trusted set lacks it.
fn verdict<Key>(
    kind: &str,
    known: Option<Key>,
    age: Duration,
    fetched: Result<(), SessionError>,
) -> Result<Option<Key>, SessionError> {
    if age < OLDEST_KEYS {
        return match (known, fetched) {
            (None, Err(error)) => Err(error),
            (known, Ok(())) => Ok(known),
            (Some(key), Err(error)) => {
                tracing::warn!(error = %error_chain(&error), "{kind} keys cannot be refreshed");
                Ok(Some(key))
            }
        };
    }
    fetched?;
    Err(SessionError::Unavailable("the keys cannot be fetched".into()))
}

impl Source {
    /// The key if it is known, and the age of the key set.
    fn look_up(&self, id: Option<&str>) -> (Option<Arc<VerificationKey>>, Duration) {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let age = known.fetched_at.map_or(Duration::MAX, |at| at.elapsed());
        (known.keys.get(&id.map(str::to_owned)).cloned(), age)
    }

    /// Fetches the key set unless the last fetch began within the interval. While another fetch is running, waits for
    /// it if `waits`, and returns at once otherwise.
    async fn refetch(&self, waits: bool) -> Result<(), SessionError> {
        let mut last_fetch = if waits {
            self.last_fetch.lock().await
        } else {
            match self.last_fetch.try_lock() {
                Ok(last_fetch) => last_fetch,
                Err(_) => return Ok(()),
            }
        };
        let interval = if self.was_fetched() { REFETCH_INTERVAL } else { RETRY_INTERVAL };
        if last_fetch.is_some_and(|at| at.elapsed() < interval) {
            return Ok(());
        }
        *last_fetch = Some(Instant::now());
        let keys = self.fetch().await.map_err(SessionError::Unavailable)?;
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        *known = Known { keys, fetched_at: Some(Instant::now()) };
        Ok(())
    }

    fn was_fetched(&self) -> bool {
        self.known.read().unwrap_or_else(PoisonError::into_inner).fetched_at.is_some()
    }

    async fn fetch(&self) -> Result<KeysById, BoxError> {
        // The URL may hold a credential, and errors are logged.
        let response = self.client.get(self.url.clone()).send().await.map_err(reqwest::Error::without_url)?;
        if response.status() != StatusCode::OK {
            return Err(format!("the issuer answered {}", response.status()).into());
        }
        let mut response = response;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(reqwest::Error::without_url)? {
            if body.len() + chunk.len() > LARGEST_KEY_SET {
                return Err("the key set is too large".into());
            }
            body.extend_from_slice(&chunk);
        }
        let set: JwkSet = serde_json::from_slice(&body)?;
        let usable = set.keys.iter().filter_map(|jwk| {
            let key = VerificationKey::published(jwk)?;
            Some((jwk.common.key_id.clone(), Arc::new(key)))
        });
        Ok(usable.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const YOUNG: Duration = Duration::from_mins(59);

    fn look_up(
        known: Option<&str>,
        age: Duration,
        fetched: Result<(), SessionError>,
    ) -> Result<Option<&str>, SessionError> {
        verdict("dashboard", known, age, fetched)
    }

    fn unavailable() -> Result<(), SessionError> {
        Err(SessionError::Unavailable("the issuer answered 500".into()))
    }

    #[test]
    fn known_key_is_used_for_an_hour_while_the_issuer_is_unavailable() {
        assert_eq!(look_up(Some("key"), YOUNG, unavailable()).unwrap(), Some("key"));
        assert!(look_up(Some("key"), OLDEST_KEYS, unavailable()).is_err());
        // The interval since the last fetch had not passed, so none was made.
        assert!(look_up(Some("key"), OLDEST_KEYS, Ok(())).is_err());
    }

    #[test]
    fn key_is_unknown_only_if_a_trusted_key_set_lacks_it() {
        assert_eq!(look_up(None, YOUNG, Ok(())).unwrap(), None);
        assert!(look_up(None, YOUNG, unavailable()).is_err());
        assert!(look_up(None, Duration::MAX, Ok(())).is_err());
    }
}
