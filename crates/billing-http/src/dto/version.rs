use billing_domain::Version;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The number of an object's changes.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(value_type = i64, minimum = 0, maximum = 4_294_967_295_u32)]
pub(crate) struct VersionNumber(u32);

impl From<Version> for VersionNumber {
    fn from(version: Version) -> Self {
        Self(version.number())
    }
}

impl From<VersionNumber> for Version {
    fn from(version: VersionNumber) -> Self {
        Self::from_stored(version.0)
    }
}
