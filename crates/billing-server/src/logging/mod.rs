//! The log: lines of text or of JSON on standard error. Standard output is for the results of commands.

mod escape;
mod lines;
#[cfg(test)]
mod tests;

use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::IsTerminal;
use std::panic::{self, PanicHookInfo};
use std::sync::Arc;
use std::thread;

use tracing::Dispatch;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::SubscriberInitExt;

use crate::BoxError;
use crate::settings::{LogFormat, Logging};
use escape::EscapedFields;
use lines::Formatted;
pub(crate) use lines::LogLines;

/// The target of panics. No filter drops them.
const PANICS: &str = "panic";

/// Logs what is traced, and panics, through `lines`.
pub(crate) fn start(logging: &Logging, lines: LogLines) -> Result<(), BoxError> {
    subscriber(logging, lines, std::io::stderr().is_terminal())?.try_init()?;
    panic::set_hook(Box::new(log_panic));
    Ok(())
}

fn subscriber(logging: &Logging, lines: LogLines, is_terminal: bool) -> Result<Dispatch, BoxError> {
    let filter = EnvFilter::try_new(&logging.filter)?.add_directive(format!("{PANICS}=error").parse()?);
    let lines = Arc::new(Formatted { lines, format: logging.format });
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(lines);
    Ok(match logging.format {
        LogFormat::Text => {
            Dispatch::new(subscriber.fmt_fields(EscapedFields).with_ansi(is_terminal).finish())
        }
        LogFormat::Json => Dispatch::new(subscriber.json().finish()),
    })
}

/// The standard library's hook would write to standard error itself, and wait for it.
fn log_panic(panic: &PanicHookInfo<'_>) {
    let message = panic.payload_as_str().unwrap_or("no message");
    let at = panic.location().map(tracing::field::display);
    let backtrace = Backtrace::capture();
    let backtrace =
        (backtrace.status() == BacktraceStatus::Captured).then(|| tracing::field::display(backtrace));
    tracing::error!(target: PANICS, thread = thread::current().name(), at, backtrace, "panicked: {message}");
}
