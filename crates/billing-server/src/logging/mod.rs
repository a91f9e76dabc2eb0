use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::BoxError;
use crate::settings::{LogFormat, Logging};

/// Logs to standard error; standard output is for the results of commands.
pub(crate) fn start(logging: &Logging) -> Result<(), BoxError> {
    let filter = EnvFilter::try_new(&logging.filter).map_err(|error| format!("KL_LOG: {error}"))?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    match logging.format {
        LogFormat::Text => lines.try_init(),
        LogFormat::Json => lines.json().try_init(),
    }
}
