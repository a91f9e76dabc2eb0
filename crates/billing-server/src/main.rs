use std::process::ExitCode;

use billing_domain::ports::error_chain;
use billing_server::Cli;
use clap::Parser;
use mimalloc::MiMalloc;

/// A request makes many small allocations, and this allocator is faster at them than the system's.
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
