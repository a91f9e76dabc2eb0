//! A running sandbox.

use std::{
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use crate::{
    clock::{Clock, SETTABLE, Timestamp},
    http::{self, Shared},
    lifecycle,
    store::{Journal, JournalError, World},
    webhooks,
};

/// How often the clock is looked at.
const TICK: Duration = Duration::from_millis(250);

/// Why a sandbox does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// What was asked for.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The clock cannot be set to this time.
    #[error("a clock must be set to a time between 1970 and 2100 (unix seconds), and not to {0}")]
    Clock(Timestamp),
    /// The state cannot be read or written.
    #[error(transparent)]
    State(#[from] JournalError),
    /// The state cannot be rewritten.
    #[error("the state file cannot be written: {0}")]
    Write(std::io::Error),
}

/// How a sandbox starts.
#[derive(Debug, Clone)]
pub struct Options {
    address: SocketAddr,
    url: Option<String>,
    state: Option<PathBuf>,
    reset: bool,
    seed: Option<u64>,
    clock: Clock,
}

impl Options {
    /// Keeps its state in memory, on a free port of this machine: for tests.
    #[must_use]
    pub fn in_memory() -> Self {
        Self {
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            url: None,
            state: None,
            reset: false,
            seed: None,
            clock: Clock::Running { ahead: 0 },
        }
    }

    /// Keeps its state in a file, which is made if it is not there. One sandbox a file.
    #[must_use]
    pub fn in_file(path: impl AsRef<Path>) -> Self {
        Self { state: Some(path.as_ref().to_owned()), ..Self::in_memory() }
    }

    /// Where to listen.
    #[must_use]
    pub fn at(self, address: SocketAddr) -> Self {
        Self { address, ..self }
    }

    /// How browsers and clients reach it, where that is not the address it listens on. It answers to this name too.
    #[must_use]
    pub fn reached_at(self, url: &str) -> Self {
        Self { url: Some(url.trim_end_matches('/').to_owned()), ..self }
    }

    /// Makes ids and secrets the same for the same requests to the same state. What is new beside a state of before
    /// differs from what is in it. Faults and chaos have seeds of their own.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed: Some(seed), ..self }
    }

    /// A clock that stands still (unix seconds, from 1970 to 2100) until it is moved.
    #[must_use]
    pub fn clock_at(self, at: Timestamp) -> Self {
        Self { clock: Clock::Standing { at }, ..self }
    }

    /// Forgets what the file holds.
    #[must_use]
    pub fn reset(self) -> Self {
        Self { reset: true, ..self }
    }
}

/// A running sandbox. Dropping it stops it without waiting; [`Sandbox::stop`] waits.
pub struct Sandbox {
    url: String,
    shared: Arc<Shared>,
    server: actix_web::dev::ServerHandle,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl Sandbox {
    /// Starts on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// An address that is taken, a clock out of bounds, or a state file that cannot be used.
    #[expect(
        clippy::unused_async,
        reason = "a sandbox is started where a runtime is, and may come to wait for its state"
    )]
    pub async fn start(options: Options) -> Result<Self, StartError> {
        if let Clock::Standing { at } = options.clock
            && !SETTABLE.contains(&at)
        {
            return Err(StartError::Clock(at));
        }
        let listen = |source| StartError::Listen { address: options.address, source };
        let listener = TcpListener::bind(options.address).map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let url = options.url.clone().unwrap_or_else(|| reached_at(address));
        let seed = options.seed.unwrap_or_else(|| fastrand::u64(..));
        let mut world = World::new(options.clock, seed, url.clone());
        if let Some(path) = &options.state {
            open_state(&mut world, path, options.reset)?;
        }
        let shared = Arc::new(Shared::new(world));
        let server = http::server(listener, shared.clone()).map_err(listen)?;
        let handle = server.handle();
        let tasks = vec![
            tokio::spawn(async move { drop(server.await) }),
            tokio::spawn(keep_time(shared.clone())),
            tokio::spawn(webhooks::run(shared.clone())),
        ];
        Ok(Self { url, shared, server: handle, tasks })
    }

    /// Where it is reached, without a slash at its end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The seconds by which its clock is ahead of real time, to be asked whenever it matters.
    pub fn ahead(&self) -> impl Fn() -> i64 + Send + Sync + 'static {
        let shared = Arc::clone(&self.shared);
        move || shared.ahead()
    }

    /// Finishes the requests that are under way, and stops. Another sandbox can have the state file then.
    pub async fn stop(mut self) {
        self.server.stop(true).await;
        for task in self.tasks.drain(..) {
            task.abort();
            // It was aborted, or had ended: either way it is over.
            drop(task.await);
        }
        self.shared.with(World::close);
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// A sandbox that listens on every address is reached on this machine's own.
fn reached_at(address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        return format!("http://localhost:{}", address.port());
    }
    format!("http://{address}")
}

fn open_state(world: &mut World, path: &Path, reset: bool) -> Result<(), StartError> {
    let (journal, entries) = if reset { (Journal::anew(path)?, Vec::new()) } else { Journal::open(path)? };
    world.open(journal, entries);
    world.rewrite_journal().map_err(StartError::Write)
}

async fn keep_time(shared: Arc<Shared>) {
    let mut ticks = tokio::time::interval(TICK);
    loop {
        ticks.tick().await;
        // A mistake is in the log; time goes on.
        drop(shared.guarded(lifecycle::catch_up));
    }
}
