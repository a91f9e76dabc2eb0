//! The billing service: reads its settings, assembles the crates and runs them.

pub mod adapters;
mod cli;
mod composition;
mod demo;
mod development_secret;
#[cfg_attr(not(feature = "stripe-sandbox"), path = "embedded_sandbox_absent.rs")]
mod embedded_sandbox;
mod healthcheck;
mod logging;
mod scale_out;
mod serve;
mod settings;
mod token;
mod work;

use std::error::Error;

pub use cli::Cli;
use cli::{Command, TokenKind};
use healthcheck::Probe;
use settings::Settings;

type BoxError = Box<dyn Error + Send + Sync>;

/// Runs the command.
///
/// # Errors
/// A message for the operator.
pub fn run(cli: Cli) -> Result<(), BoxError> {
    let settings = Settings::load(cli.config.as_deref())?;
    logging::start(&settings.logging)?;
    for name in &settings.unused {
        tracing::warn!(%name, "this environment variable is not used by this version");
    }
    match cli.command.unwrap_or(Command::Serve) {
        Command::Serve => runtime()?.block_on(serve::serve(settings)),
        Command::Migrate => {
            runtime()?.block_on(billing_diesel::migrate(&settings.database_url))?;
            println!("The database is up to date.");
            Ok(())
        }
        Command::ScaleOut => {
            println!("{}", runtime()?.block_on(scale_out::run(&settings.database_url))?);
            Ok(())
        }
        Command::Token { kind: TokenKind::Dashboard(claims) } => {
            println!("{}", token::dashboard(&settings, &claims)?);
            Ok(())
        }
        Command::Openapi => {
            let document = billing_http::openapi_document(&settings.public_base_url);
            println!("{}", serde_json::to_string_pretty(&document)?);
            Ok(())
        }
        Command::Healthcheck { live } => {
            let probe = if live { Probe::Liveness } else { Probe::Readiness };
            runtime()?.block_on(healthcheck::check(settings.listen, probe))
        }
    }
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()
}
