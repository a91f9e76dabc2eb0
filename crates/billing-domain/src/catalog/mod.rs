//! What an app sells: plans with their prices, and the features they include (contract, section 2).

mod feature;
mod offer;
mod plan;
mod price;

pub use feature::*;
pub use offer::*;
pub use plan::*;
pub use price::*;
