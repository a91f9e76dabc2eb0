use std::process::ExitCode;

use billing_domain::ports::error_chain;
use billing_server::Cli;
use clap::Parser;

fn main() -> ExitCode {
    match billing_server::run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("billing-server: {}", error_chain(&*error));
            ExitCode::FAILURE
        }
    }
}
