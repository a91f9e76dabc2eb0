use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use billing_application::{Runner, Worker};
use billing_http::Metrics;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::embedded_sandbox::{self, Sandbox};
use crate::settings::{Environment, Settings};
use crate::work::WorkRunner;
use crate::{BoxError, composition, demo};

/// The time limit for requests in flight at shutdown.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(30);

/// Runs the service until SIGTERM or SIGINT, then finishes the requests in flight.
pub(crate) async fn serve(settings: Settings) -> Result<(), BoxError> {
    let settings = Arc::new(settings);
    // First: without a handler a signal kills the process, or is ignored as PID 1.
    let mut told_to_stop = StopSignals::listen()?;
    let listener = TcpListener::bind(settings.listen)
        .map_err(|error| format!("KL_LISTEN: cannot listen on {}: {error}", settings.listen))?;
    let address = listener.local_addr()?;
    let sandbox = match settings.stripe_sandbox {
        Some(listen) => Some(embedded_sandbox::start(listen, &settings.database_url).await?),
        None => None,
    };
    billing_diesel::migrate(&settings.database_url).await?;
    let ports = composition::ports(&settings)?;
    if settings.environment == Environment::Development {
        demo::ensure_demo_workspace(&ports).await?;
    }

    let metrics = Metrics::default();
    let work = WorkRunner::new(Worker::new(ports.clone()), metrics.clone());
    work.recover().await;

    let runner = Runner::on_this_runtime();
    let open_store = composition::worker_store(&settings, &ports);
    let sessions = composition::sessions(&settings, runner.clone())?;
    let pages = composition::pages(&settings, &ports, Arc::clone(&sessions), runner.clone());
    let api = composition::api(&settings, ports, sessions, runner.clone(), metrics);
    let server = billing_http::serve(listener, api, open_store, pages, SHUTDOWN_TIMEOUT)?;
    let handle = server.handle();
    let mut serving = tokio::spawn(server);
    let stop = CancellationToken::new();
    let working = tokio::spawn(work.run(stop.clone()));
    warn_of(&settings);
    tracing::info!(
        %address,
        environment = ?settings.environment,
        database = ?settings.database_url,
        dashboard = %settings.public_base_url,
        api = %format_args!("{}/docs/api/", settings.public_base_url),
        stripe_sandbox = sandbox.as_ref().map(Sandbox::url),
        "billing is served"
    );

    tokio::select! {
        () = told_to_stop.received() => {}
        ended = &mut serving => return Err(format!("the server ended by itself: {ended:?}").into()),
    }
    tracing::info!("stopping: requests in flight may finish");
    stop.cancel();
    handle.stop(true).await;
    serving.await??;
    let rest = async { tokio::join!(working, runner.drain()) };
    if tokio::time::timeout(SHUTDOWN_TIMEOUT, rest).await.is_err() {
        tracing::error!("some work did not finish in time; it is taken up at the next start");
    }
    // Last: requests in flight may have called it.
    if let Some(sandbox) = sandbox {
        sandbox.stop().await;
    }
    tracing::info!("stopped");
    Ok(())
}

/// Warns about settings that work but may be mistakes.
fn warn_of(settings: &Settings) {
    if settings.environment == Environment::Production && settings.public_origin.starts_with("http://") {
        tracing::warn!(
            "KL_PUBLIC_BASE_URL begins with http://, so sessions of the dashboard can be read on their way"
        );
    }
    if let Some(missing) = &settings.missing_sandbox {
        tracing::warn!("{missing}");
    }
}

struct StopSignals {
    terminate: Signal,
    interrupt: Signal,
}

impl StopSignals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn received(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
