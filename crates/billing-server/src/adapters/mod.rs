//! Adapters that need nothing outside this process.

mod clock;
mod fetch_runner;
mod ids;

pub use clock::{MovedClock, SystemClock};
pub use fetch_runner::MainRuntimeFetchRunner;
pub use ids::UuidV7Generator;
