//! The sandbox as a program of its own.

mod cli;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_max_level(tracing::Level::WARN).init();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("stripe-sandbox: {error}");
            return ExitCode::FAILURE;
        }
    };
    runtime.block_on(cli::run(cli::Arguments::parse()))
}
