use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use billing_application::{Interrupted, Runner};
use billing_domain::ports::{BoxError, SessionError, error_chain};
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use reqwest::{Client, StatusCode, Url};
use tokio::sync::Mutex;

/// However many tokens come with unknown keys, their issuer is asked at most this often.
const REFETCH_INTERVAL: Duration = Duration::from_secs(30);
/// How soon a first fetch that failed is tried again.
const RETRY_INTERVAL: Duration = Duration::from_secs(5);
/// After this long the keys are fetched again even if all tokens are known, so that a key that was withdrawn
/// stops working.
const KEYS_AGE: Duration = Duration::from_mins(5);
/// Keys older than this are not trusted any more, even if their issuer is away and nothing newer can be had.
const OLDEST_KEYS: Duration = Duration::from_hours(1);
const FETCH_TIMEOUT: Duration = Duration::from_secs(5);
const LARGEST_KEY_SET: usize = 256 * 1024;

/// A public key with the one algorithm it is used with.
pub(super) struct PublishedKey {
    pub key: DecodingKey,
    pub algorithm: Algorithm,
}

type KeysById = HashMap<Option<String>, Arc<PublishedKey>>;

/// The keys an issuer publishes, kept for a while.
#[derive(Clone)]
pub(super) struct JwksCache {
    runner: Runner,
    source: Arc<Source>,
}

struct Source {
    client: Client,
    url: Url,
    known: RwLock<Known>,
    /// Held while fetching, with the time of the last try.
    last_fetch: Mutex<Option<Instant>>,
}

#[derive(Default)]
struct Known {
    keys: KeysById,
    fetched_at: Option<Instant>,
}

impl JwksCache {
    pub(super) fn new(url: &str, runner: Runner) -> Result<Self, reqwest::Error> {
        let client =
            Client::builder().timeout(FETCH_TIMEOUT).redirect(reqwest::redirect::Policy::none()).build()?;
        let url = client.get(url).build()?.url().clone();
        let source = Source { client, url, known: RwLock::default(), last_fetch: Mutex::default() };
        Ok(Self { runner, source: Arc::new(source) })
    }

    /// The key of this id; `None` when the issuer does not publish it. Fetches at most once in a while.
    pub(super) async fn key(&self, id: Option<&str>) -> Result<Option<Arc<PublishedKey>>, SessionError> {
        let (known, age) = self.source.look_up(id);
        if known.is_some() && age < KEYS_AGE {
            return Ok(known);
        }
        let source = Arc::clone(&self.source);
        let waits = known.is_none() || age >= OLDEST_KEYS;
        let fetched = self.runner.run(async move { source.refetch(waits).await }).await;
        let fetched = fetched.unwrap_or_else(|interrupted| Err(of_a_fetch(interrupted)));
        let (known, age) = self.source.look_up(id);
        verdict(known, age, fetched)
    }
}

/// What to make of a key that is `age` old after trying to fetch newer ones. Keys that were good a while ago still
/// are while their issuer is away; and a key can be called unknown only when the keys are known.
fn verdict<Key>(
    known: Option<Key>,
    age: Duration,
    fetched: Result<(), SessionError>,
) -> Result<Option<Key>, SessionError> {
    if age < OLDEST_KEYS {
        return match (known, fetched) {
            (None, Err(error)) => Err(error),
            (known, Ok(())) => Ok(known),
            (Some(key), Err(error)) => {
                tracing::warn!(error = %error_chain(&error), "dashboard keys cannot be refreshed");
                Ok(Some(key))
            }
        };
    }
    fetched?;
    Err(SessionError::Unavailable("the keys cannot be fetched".into()))
}

/// A fetch that takes too long is like an issuer that is away.
fn of_a_fetch(interrupted: Interrupted) -> SessionError {
    match interrupted {
        Interrupted::TooSlow => SessionError::Unavailable(interrupted.into()),
        Interrupted::Broken(_) => SessionError::Unexpected(interrupted.into()),
    }
}

impl Source {
    /// The key if it is known, and how old what is known is.
    fn look_up(&self, id: Option<&str>) -> (Option<Arc<PublishedKey>>, Duration) {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let age = known.fetched_at.map_or(Duration::MAX, |at| at.elapsed());
        (known.keys.get(&id.map(str::to_owned)).cloned(), age)
    }

    /// Fetches the keys, unless that was tried a moment ago. A caller that has a key already does not wait for
    /// another one's fetch.
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
        // An address may hold a key of its own, and an error would tell it to the log.
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
        Ok(set.keys.iter().filter_map(usable).collect())
    }
}

/// A signing key of a kind we take; shared secrets and encryption keys are not.
fn usable(jwk: &Jwk) -> Option<(Option<String>, Arc<PublishedKey>)> {
    let algorithm = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => Algorithm::RS256,
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => Algorithm::ES256,
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => Algorithm::EdDSA,
        _ => return None,
    };
    let is_for_something_else = jwk.common.public_key_use == Some(PublicKeyUse::Encryption)
        || jwk.common.key_algorithm.is_some_and(|stated| stated.to_string() != format!("{algorithm:?}"));
    if is_for_something_else {
        return None;
    }
    let key = DecodingKey::from_jwk(jwk).ok()?;
    Some((jwk.common.key_id.clone(), Arc::new(PublishedKey { key, algorithm })))
}

#[cfg(test)]
mod tests {
    use super::*;

    const YOUNG: Duration = Duration::from_mins(59);

    fn away() -> Result<(), SessionError> {
        Err(SessionError::Unavailable("away".into()))
    }

    #[test]
    fn a_known_key_outlives_its_issuers_absence_for_an_hour() {
        assert_eq!(verdict(Some("key"), YOUNG, away()).unwrap(), Some("key"));
        assert!(verdict(Some("key"), OLDEST_KEYS, away()).is_err());
        // Nobody fetched because somebody had just tried.
        assert!(verdict(Some("key"), OLDEST_KEYS, Ok(())).is_err());
    }

    #[test]
    fn a_key_is_unknown_only_when_the_keys_are_known() {
        assert_eq!(verdict::<&str>(None, YOUNG, Ok(())).unwrap(), None);
        assert!(verdict::<&str>(None, YOUNG, away()).is_err());
        assert!(verdict::<&str>(None, Duration::MAX, Ok(())).is_err());
    }
}
