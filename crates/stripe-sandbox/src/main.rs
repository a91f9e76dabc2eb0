//! The sandbox as a program of its own.

mod cli;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let arguments = match cli::Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(asked) => return cli::answer(&asked),
    };
    if is_production() {
        return cli::fail("KL_ENV is production, and this is for development and tests: no money moves here");
    }
    // A line that cannot be written is lost, and no request with it.
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_max_level(tracing::Level::WARN)
        .log_internal_errors(false)
        .init();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return cli::fail(&error.to_string()),
    };
    runtime.block_on(cli::run(arguments))
}

/// Whoever takes this for Stripe gives away what they sell.
#[expect(clippy::disallowed_methods, reason = "a program that must not start asks its surroundings itself")]
fn is_production() -> bool {
    std::env::var("KL_ENV").is_ok_and(|value| value.trim().eq_ignore_ascii_case("production"))
}
