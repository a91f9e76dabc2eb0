use serde::{Deserialize, Serialize};

use crate::stored::stored;
use crate::{
    AppId, Description, DisplayName, FeatureId, FeatureKey, Timestamp, Version, WorkspaceId, wire_time,
};

/// The unit of gating: an app checks it by key. Attached to plans.
///
/// Deserializes from stored JSON, without the rules for new input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Feature {
    /// The feature's id.
    pub id: FeatureId,
    /// The tenant.
    #[serde(deserialize_with = "stored")]
    pub workspace_id: WorkspaceId,
    /// The app.
    #[serde(deserialize_with = "stored")]
    pub app_id: AppId,
    /// The name of the feature in code; unique in the app.
    #[serde(deserialize_with = "stored")]
    pub key: FeatureKey,
    /// The changeable part.
    #[serde(flatten)]
    pub details: FeatureDetails,
    /// Grows with each change.
    pub version: Version,
    /// The moment of creation.
    #[serde(with = "wire_time")]
    pub created_at: Timestamp,
}

/// The changeable part of a feature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FeatureDetails {
    /// The displayed name.
    #[serde(deserialize_with = "stored")]
    pub name: DisplayName,
    /// The displayed description.
    #[serde(default, deserialize_with = "stored")]
    pub description: Option<Description>,
}

impl Feature {
    /// The feature with these details; `None` if they are unchanged.
    #[must_use]
    pub fn revise(&self, details: FeatureDetails) -> Option<Self> {
        (details != self.details).then(|| Self { details, version: self.version.next(), ..self.clone() })
    }
}
