use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use billing_application::{Ports, Runner};
use billing_diesel::Catalogs;
use billing_domain::ports::Clock;
use billing_http::Metrics;
use tokio_util::sync::CancellationToken;

use crate::adapters::{MovedClock, SystemClock};
use crate::embedded_sandbox::{self, Sandbox};
use crate::settings::{Environment, LogFormat, Settings};
use crate::stop::{Step, StopSignals};
use crate::work::WorkRunner;
use crate::{BoxError, composition, demo, migrate, output, stripe};

/// The time limit for requests in flight at shutdown.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(30);

/// Runs the service until SIGTERM or SIGINT, then finishes the requests in flight.
pub(crate) async fn serve(settings: Settings, metrics: Metrics) -> Result<(), BoxError> {
    // First: a signal may come at any moment.
    let mut told_to_stop = StopSignals::listen()?;
    let listener = TcpListener::bind(settings.listen)
        .map_err(|error| format!("KL_LISTEN: cannot listen on {}: {error}", settings.listen))?;
    let address = listener.local_addr()?;
    let settings = Arc::new(settings.listening_on(address));
    welcome(&settings);
    let start = Step::default();
    let preparing = prepare(Arc::clone(&settings), metrics.clone(), start.clone());
    let Some(prepared) = told_to_stop.unless_received(&start, preparing).await? else {
        tracing::warn!("told to stop before billing was served, while {start}");
        return Ok(());
    };
    let Prepared { sandbox, catalogs, ports, work } = prepared;

    let runner = Runner::on_this_runtime();
    let open_store = composition::worker_store(&settings, catalogs, &ports);
    let sessions = composition::sessions(&settings, runner.clone())?;
    let sandbox_url = sandbox.as_ref().map(|sandbox| sandbox.url().to_owned());
    let pages =
        composition::pages(&settings, sandbox_url.clone(), &ports, Arc::clone(&sessions), runner.clone());
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
        stripe_sandbox = sandbox_url,
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

/// The parts of the service that wait for something at the start.
struct Prepared {
    sandbox: Option<Sandbox>,
    catalogs: Catalogs,
    ports: Ports,
    work: WorkRunner,
}

async fn prepare(settings: Arc<Settings>, metrics: Metrics, step: Step) -> Result<Prepared, BoxError> {
    step.begin("starting the Stripe sandbox");
    let sandbox = match settings.stripe_sandbox {
        Some(listen) => Some(embedded_sandbox::start(listen, &settings.database_url).await?),
        None => None,
    };
    migrate::migrate(&settings.database_url, &step).await?;
    let catalogs = Catalogs::default();
    let store = billing_diesel::open_sharing(&settings.database_url, &catalogs)?;
    let gateway = match &sandbox {
        Some(sandbox) => {
            step.begin("registering for the sandbox's webhooks");
            stripe::at_sandbox(sandbox.url(), &settings, Arc::clone(&store)).await?
        }
        None => stripe::gateway(&settings, Arc::clone(&store))?,
    };
    // What the sandbox takes for the present is the present of what is sold there.
    let clock: Arc<dyn Clock> = match &sandbox {
        Some(sandbox) => Arc::new(MovedClock(sandbox.ahead())),
        None => Arc::new(SystemClock),
    };
    let ports = composition::ports(&settings, store, gateway, clock);
    if settings.environment == Environment::Development {
        step.begin("making the demo workspace");
        demo::ensure_demo_workspace(&ports).await?;
    }
    step.begin("ending what a crash has left");
    let work = WorkRunner::new(ports.clone(), metrics);
    work.recover().await;
    Ok(Prepared { sandbox, catalogs, ports, work })
}

/// The first line in a developer's terminal. What is asked from now on is answered once billing is served.
fn welcome(settings: &Settings) {
    if settings.environment == Environment::Development && settings.logging.format == LogFormat::Text {
        // Nobody may be there to read it.
        let _ = output::print(&format!("Open {}", settings.public_base_url));
    }
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
    let sources = [
        ("KL_STRIPE_MANAGED_WEBHOOK_SECRET", &settings.stripe.managed),
        ("KL_STRIPE_WEBHOOK_SECRET", &settings.stripe.platform),
        ("KL_STRIPE_CONNECT_WEBHOOK_SECRET", &settings.stripe.connect),
    ];
    for (missing, source) in sources {
        if source.as_ref().is_some_and(|source| source.webhook_secrets.is_empty()) {
            tracing::warn!(missing, "changes at Stripe are seen by reconciliation only, minutes later");
        }
    }
}
