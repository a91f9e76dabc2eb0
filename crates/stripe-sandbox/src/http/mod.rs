//! The server: takes requests in, and gives answers out as Stripe does.

mod control_api;
mod cut;
mod host;
mod oauth;
mod pages;
mod stripe_api;

use std::{
    collections::HashSet,
    net::TcpListener,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use actix_web::{
    App, HttpServer,
    dev::Server,
    middleware::from_fn,
    web::{self, Data},
};
use tokio::sync::Notify;

use crate::{api::Api, clock::Timestamp, mistake::caught, store::World, wire::ApiError};

const WORKERS: usize = 2;
/// How long requests under way may take once the sandbox is told to stop. They take milliseconds, or a fault holds
/// them.
const SHUTDOWN_SECONDS: u64 = 3;
/// Longer than a long move of the clock keeps everything waiting, so that no connection is closed for it.
const KEEP_ALIVE: Duration = Duration::from_mins(2);
const LARGEST_BODY: usize = 1024 * 1024;

/// What all requests share.
pub struct Shared {
    pub api: Api,
    /// The name in the address at which browsers reach it.
    host: Option<String>,
    world: Mutex<World>,
    /// The seconds by which the world's clock is ahead: to be read while a long move of it holds the world.
    ahead: AtomicI64,
    /// Something may wait to be delivered.
    pub news: Notify,
    /// Idempotency keys, with their account, whose first request has no answer yet.
    in_flight: Mutex<HashSet<(String, String)>>,
}

impl Shared {
    pub fn new(world: World) -> Self {
        Self {
            api: Api::new(),
            host: reqwest::Url::parse(&world.url).ok().and_then(|url| url.host_str().map(str::to_owned)),
            ahead: AtomicI64::new(world.clock.ahead()),
            world: Mutex::new(world),
            news: Notify::new(),
            in_flight: Mutex::new(HashSet::new()),
        }
    }

    /// Does something with the world, alone. A change that was cut short by a panic has undone itself.
    pub fn with<T>(&self, act: impl FnOnce(&mut World) -> T) -> T {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        let done = act(&mut world);
        self.ahead.store(world.clock.ahead(), Ordering::Relaxed);
        if !world.undelivered.is_empty() {
            self.news.notify_one();
        }
        done
    }

    /// The seconds by which the clock is ahead of real time.
    pub fn ahead(&self) -> Timestamp {
        self.ahead.load(Ordering::Relaxed)
    }

    /// As [`Shared::with`], for what must not take its caller down.
    ///
    /// # Errors
    ///
    /// A panic, which is a mistake of the sandbox, as a failure of Stripe's.
    pub fn guarded<T>(&self, act: impl FnOnce(&mut World) -> T) -> Result<T, ApiError> {
        caught(|| self.with(act)).map_err(|panic| {
            tracing::error!(panic, "a mistake of the sandbox: what was begun is undone");
            self.with(World::resume_clock);
            ApiError::internal("The sandbox made a mistake and undid what it had begun. Its log says more.")
        })
    }

    /// Takes a key for one request; `None` when another one has it.
    pub fn take_key(self: &Arc<Self>, account: &str, key: &str) -> Option<KeyInFlight> {
        let entry = (account.to_owned(), key.to_owned());
        let mut in_flight = self.in_flight.lock().unwrap_or_else(PoisonError::into_inner);
        in_flight.insert(entry.clone()).then(|| KeyInFlight { shared: self.clone(), entry })
    }
}

/// Gives the key free again when the request is over, however it ends.
pub struct KeyInFlight {
    shared: Arc<Shared>,
    entry: (String, String),
}

impl Drop for KeyInFlight {
    fn drop(&mut self) {
        self.shared.in_flight.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.entry);
    }
}

pub fn server(listener: TcpListener, shared: Arc<Shared>) -> std::io::Result<Server> {
    let server = HttpServer::new(move || {
        App::new()
            .wrap(from_fn(host::known_only))
            .app_data(Data::new(shared.clone()))
            .app_data(web::PayloadConfig::new(LARGEST_BODY))
            .service(web::scope("/v1").default_service(web::to(stripe_api::answer)))
            .configure(pages::configure)
            .service(control_api::scope())
            .service(oauth::scope())
            .default_service(web::to(control_api::nothing_here))
    });
    // A client that has gone away frees its idempotency key.
    let server = server.h1_allow_half_closed(false).keep_alive(KEEP_ALIVE);
    Ok(server.workers(WORKERS).shutdown_timeout(SHUTDOWN_SECONDS).disable_signals().listen(listener)?.run())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;

    fn shared() -> Arc<Shared> {
        Arc::new(Shared::new(World::new(Clock::Standing { at: 7 }, 1, String::new())))
    }

    #[test]
    fn a_panic_is_told_as_a_failure_and_leaves_the_world_usable() {
        let shared = shared();
        let act = |world: &mut World| {
            world.clock = Clock::Standing { at: 9 };
            panic!("a test asks for it")
        };
        let error = shared.guarded(act).map(|(): ()| ()).unwrap_err();
        assert_eq!(error.status, 500);
        assert_eq!(shared.with(|world| world.clock.now()), 7);
    }

    #[test]
    fn a_key_is_one_requests_until_that_is_over() {
        let shared = shared();
        let first = shared.take_key("acct_1", "key");
        assert!(first.is_some());
        assert!(shared.take_key("acct_1", "key").is_none());
        assert!(shared.take_key("acct_2", "key").is_some());
        drop(first);
        assert!(shared.take_key("acct_1", "key").is_some());
    }
}
