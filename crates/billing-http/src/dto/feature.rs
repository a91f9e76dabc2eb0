use billing_application::{AttachFeature, CreateFeature, UpdateFeature};
use billing_domain::{
    AppId, Description, DisplayName, Feature, FeatureDetails, FeatureKey, PlanId, Version, wire_time,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::given::{Removable, given};
use super::version::VersionNumber;

/// A feature of an app: what its code asks for by the key.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FeatureBody {
    #[schema(example = "pro_export")]
    key: String,
    #[schema(example = "Export")]
    name: String,
    #[schema(required = true)]
    description: Option<String>,
    /// Grows with each change.
    version: VersionNumber,
    #[schema(format = DateTime, example = "2026-11-22T12:34:56.789Z")]
    created_at: String,
}

impl From<Feature> for FeatureBody {
    fn from(feature: Feature) -> Self {
        Self {
            key: feature.key.to_string(),
            name: feature.details.name.to_string(),
            description: feature.details.description.map(String::from),
            version: feature.version.into(),
            created_at: wire_time(feature.created_at),
        }
    }
}

/// A feature to create.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateFeatureBody {
    /// Unique in the app; it never changes.
    #[schema(value_type = String, pattern = "^[a-z0-9_]{1,64}$", example = "pro_export")]
    key: FeatureKey,
    #[schema(value_type = String, min_length = 1, max_length = 100, pattern = r"\S", example = "Export")]
    name: DisplayName,
    #[schema(value_type = Option<String>, min_length = 1, max_length = 500, pattern = r"\S")]
    description: Option<Description>,
}

impl CreateFeatureBody {
    pub(crate) fn change(self, app_id: AppId) -> CreateFeature {
        let details = FeatureDetails { name: self.name, description: self.description };
        CreateFeature { app_id, key: self.key, details }
    }
}

/// A feature to attach to a plan.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AttachFeatureBody {
    #[schema(value_type = String, pattern = "^[a-z0-9_]{1,64}$", example = "pro_export")]
    key: FeatureKey,
    /// Needed when the app has no feature of this key: then it is created. One that exists keeps its name.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100, pattern = r"\S", example = "Export")]
    name: Option<DisplayName>,
    /// Of a feature that is created.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 500, pattern = r"\S")]
    description: Option<Description>,
}

impl AttachFeatureBody {
    pub(crate) fn change(self, (app_id, plan_id): (AppId, PlanId)) -> AttachFeature {
        AttachFeature { app_id, plan_id, key: self.key, name: self.name, description: self.description }
    }
}

/// A change of a feature; a field that is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateFeatureBody {
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 100, pattern = r"\S", example = "Export")]
    name: Option<DisplayName>,
    /// Null removes it.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 500, pattern = r"\S")]
    description: Option<Removable<Description>>,
    /// The version the change is based on. When the feature has changed since, nothing is done.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = VersionNumber, required = false)]
    version: Option<VersionNumber>,
}

impl UpdateFeatureBody {
    pub(crate) fn change(self, (app_id, key): (AppId, FeatureKey)) -> UpdateFeature {
        UpdateFeature {
            app_id,
            key,
            expected_version: self.version.map(Version::from),
            name: self.name,
            description: self.description.map(|described| described.0),
        }
    }
}
