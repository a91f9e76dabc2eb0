//! The catalog of an app. Its changes and reads need billing to be on.

mod add_price;
mod archive_plan;
mod archive_price;
mod attach_feature;
mod create_feature;
mod create_plan;
mod delete_feature;
mod detach_feature;
mod feature_error;
mod plan_error;
mod tx;
mod update_feature;
mod update_plan;

use serde::{Deserialize, Serialize};

pub use add_price::*;
pub use archive_plan::*;
pub use archive_price::*;
pub use attach_feature::*;
pub use create_feature::*;
pub use create_plan::*;
pub use delete_feature::DeleteFeature;
pub(crate) use delete_feature::PLANS_LISTED;
pub use detach_feature::*;
pub use feature_error::*;
pub use plan_error::*;
pub use update_feature::*;
pub use update_plan::*;

/// The outcome of a request that creates an object unless it exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made<T> {
    /// The present object.
    pub value: T,
    /// Whether this request created it.
    pub is_new: bool,
}
