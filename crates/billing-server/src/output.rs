//! Results of commands on standard output. A closed pipe is no error: its reader has read enough.

use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

use crate::BoxError;

/// Prints the result of a command.
///
/// # Errors
/// When standard output cannot be written, as on a full disk.
pub(crate) fn print(text: &str) -> Result<(), BoxError> {
    let mut output = io::stdout().lock();
    Ok(checked(writeln!(output, "{text}").and_then(|()| output.flush()))?)
}

/// Prints what was asked of the command line itself: the help, the version, or what is wrong with the arguments.
pub(crate) fn answer(asked: &clap::Error) -> ExitCode {
    let printed = asked.print().and_then(|()| io::stdout().flush());
    match checked(printed) {
        Err(problem) if !asked.use_stderr() => fail(&problem),
        _ => ExitCode::from(u8::try_from(asked.exit_code()).unwrap_or(1)),
    }
}

/// Ends with a message on standard error, if it can be written there.
pub(crate) fn fail(message: &str) -> ExitCode {
    let _ = io::stderr().write_all(failure(message).as_bytes());
    ExitCode::FAILURE
}

/// The line that says why the process ends.
pub(crate) fn failure(message: &str) -> String {
    format!("billing-server: {message}\n")
}

fn checked(printed: io::Result<()>) -> Result<(), String> {
    match printed {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(format!("standard output cannot be written: {error}"))
        }
        _ => Ok(()),
    }
}
