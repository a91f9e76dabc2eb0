use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Faster than the system's allocator at the many small allocations of a request.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    billing_server::run()
}
