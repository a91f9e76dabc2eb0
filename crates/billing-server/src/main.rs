use std::process::ExitCode;

use billing_domain::ports::error_chain;
use billing_server::Cli;
use clap::Parser;
use mimalloc::MiMalloc;

/// Faster than the system's allocator at the many small allocations of a request.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    match billing_server::run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("billing-server: {}", error_chain(&*error));
            ExitCode::FAILURE
        }
    }
}
