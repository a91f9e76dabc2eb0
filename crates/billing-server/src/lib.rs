//! The billing service: reads its settings, assembles the crates and runs them.

pub mod adapters;
mod cli;
mod composition;
mod data_folder;
mod demo;
mod development_secret;
#[cfg_attr(not(feature = "stripe-sandbox"), path = "embedded_sandbox_absent.rs")]
mod embedded_sandbox;
mod healthcheck;
mod logging;
mod migrate;
mod output;
mod rebuild_revenue;
mod reconcile;
mod scale_out;
mod serve;
mod set_aside;
mod settings;
mod stop;
mod stripe;
mod token;
mod work;

use std::error::Error;
use std::process::ExitCode;

use billing_domain::ports::error_chain;
use billing_http::Metrics;

use cli::{Cli, Command, TokenKind};
use healthcheck::Probe;
use logging::LogLines;
use settings::Settings;

type BoxError = Box<dyn Error + Send + Sync>;

/// Runs the command of the command line. A failure is a message for the operator on standard error.
#[must_use]
pub fn run() -> ExitCode {
    let cli = match Cli::read() {
        Ok(cli) => cli,
        Err(asked) => return output::answer(&asked),
    };
    let metrics = Metrics::default();
    let log = match LogLines::to_standard_error(metrics.clone()) {
        Ok(log) => log,
        Err(error) => return output::fail(&error.to_string()),
    };
    let ended = run_command(cli, &log, metrics);
    if let Err(error) = &ended {
        log.push(output::failure(&error_chain(&**error)).into_bytes());
    }
    log.flush();
    if ended.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn run_command(cli: Cli, log: &LogLines, metrics: Metrics) -> Result<(), BoxError> {
    let settings = Settings::load(cli.config.as_deref())?;
    logging::start(&settings.logging, log.clone())?;
    for name in &settings.unused {
        tracing::warn!(%name, "this environment variable is not used by this version");
    }
    match cli.command.unwrap_or(Command::Serve) {
        Command::Serve => on_runtime(serve::serve(settings, metrics)),
        Command::Migrate => on_runtime(migrate::run(settings)),
        Command::ScaleOut => on_runtime(scale_out::run(settings)),
        Command::Reconcile => on_runtime(reconcile::run(settings)),
        Command::RebuildRevenue => on_runtime(rebuild_revenue::run(settings)),
        Command::Work { command } => on_runtime(set_aside::run(settings, command)),
        Command::Token { kind: TokenKind::Dashboard(claims) } => {
            let ttl_seconds = claims.ttl_seconds;
            output::print(&token::signed(&settings, &claims.session()?, ttl_seconds)?)
        }
        Command::Openapi => {
            let document = billing_http::openapi_document(&settings.public_base_url);
            output::print(&serde_json::to_string_pretty(&document)?)
        }
        Command::Healthcheck { live } => {
            let probe = if live { Probe::Liveness } else { Probe::Readiness };
            on_runtime(healthcheck::check(settings.listen, probe))
        }
    }
}

fn on_runtime(work: impl Future<Output = Result<(), BoxError>>) -> Result<(), BoxError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let ended = runtime.block_on(work);
    // Its end would wait for blocking calls that a signal has left behind. The process ends now.
    std::mem::forget(runtime);
    ended
}
