use serde::{Deserialize, Serialize};

use crate::{AppId, Description, DisplayName, FeatureId, FeatureKey, Timestamp, Version, WorkspaceId};

/// The unit of gating: what an app's code asks for by its key. It is attached to plans.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Feature {
    /// Its id.
    pub id: FeatureId,
    /// The tenant.
    pub workspace_id: WorkspaceId,
    /// The app it belongs to.
    pub app_id: AppId,
    /// By which code asks for it; unique in the app.
    pub key: FeatureKey,
    /// What may be changed.
    #[serde(flatten)]
    pub details: FeatureDetails,
    /// Grows with each change.
    pub version: Version,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What people may change of a feature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FeatureDetails {
    /// What people call it.
    pub name: DisplayName,
    /// What people say of it.
    pub description: Option<Description>,
}

impl Feature {
    /// The feature with these details, or `None` when it has them already.
    #[must_use]
    pub fn revise(&self, details: FeatureDetails) -> Option<Self> {
        (details != self.details).then(|| Self { details, version: self.version.next(), ..self.clone() })
    }
}
