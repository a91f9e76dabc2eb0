use std::pin::Pin;

/// A fetch of an issuer's keys. It stores its result in the cache that started it.
pub type KeyFetch = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Runs key fetches beyond the life of the request that started them: all requests share the fetched keys, so a client
/// that disconnects must not cancel the fetch.
pub trait FetchRunner: Send + Sync {
    /// Starts the fetch and returns at once. The fetch runs to its end; a graceful shutdown waits for it.
    fn start(&self, fetch: KeyFetch);
}
