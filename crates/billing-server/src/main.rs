use std::process::ExitCode;

use billing_server::Cli;
use clap::Parser;

fn main() -> ExitCode {
    match billing_server::run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("billing-server: {}", billing_server::chain(&*error));
            ExitCode::FAILURE
        }
    }
}
