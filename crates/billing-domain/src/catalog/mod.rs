//! What an app sells: plans with their prices, and the features they include (contract, section 2).

mod feature;
mod offer;
mod plan;
mod price;

pub use feature::{Feature, FeatureDetails};
pub use offer::{PlanOffer, PlanRefused, PriceAddition};
pub use plan::{InvalidTrial, PayerKind, Plan, PlanDetails, TrialDays, UnknownWord, Visibility};
pub use price::{BillingInterval, Price, PriceTerms, UnsellableAmount};
