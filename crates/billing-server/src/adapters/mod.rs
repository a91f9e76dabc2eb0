//! The ports that need nothing but this process.

mod clock;
mod ids;

pub use clock::SystemClock;
pub use ids::UuidV7Generator;
