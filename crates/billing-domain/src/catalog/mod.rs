//! The catalog of an app: plans, prices and features (contract, section 2).

mod feature;
mod offer;
mod plan;
mod price;

pub use feature::*;
pub use offer::*;
pub use plan::*;
pub use price::*;
