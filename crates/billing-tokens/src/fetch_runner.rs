use std::pin::Pin;

use async_trait::async_trait;
use billing_domain::ports::SessionError;

/// A fetch of an issuer's keys. It stores the keys it gets in the cache that started it.
pub type KeyFetch = Pin<Box<dyn Future<Output = Result<(), SessionError>> + Send>>;

/// Runs key fetches beyond the life of the request that started them: all requests share the fetched keys, so a client
/// that disconnects must not cancel the fetch.
#[async_trait]
pub trait FetchRunner: Send + Sync {
    /// Runs the fetch to its end, also if the returned future is dropped. A graceful shutdown waits for it.
    ///
    /// # Errors
    /// Those of the fetch; [`SessionError::Unavailable`] if it takes too long (it then goes on in the background), and
    /// [`SessionError::Unexpected`] if it panics.
    async fn run(&self, fetch: KeyFetch) -> Result<(), SessionError>;
}
