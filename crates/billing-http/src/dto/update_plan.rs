use billing_application::{PlanPatch, UpdatePlanRequest};
use billing_domain::{Administrator, AppId, Description, DisplayName, PlanId, TrialDays, Version};
use serde::Deserialize;
use utoipa::ToSchema;

use super::given::{Removable, given};
use super::words::VisibilityName;

/// What is to be different of a plan; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct UpdatePlanBody {
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 100, example = "Pro")]
    name: Option<DisplayName>,
    /// Null removes it.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 500)]
    description: Option<Removable<Description>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = u32, required = false, minimum = 0, maximum = 730, example = 14)]
    trial_days: Option<TrialDays>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = VisibilityName, required = false)]
    visibility: Option<VisibilityName>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = bool, required = false)]
    is_default: Option<bool>,
    /// The version the change is based on. When the plan has changed since, nothing is done.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = u32, required = false)]
    version: Option<u32>,
}

impl UpdatePlanBody {
    pub(crate) fn request(
        self,
        administrator: Administrator,
        (app_id, plan_id): (AppId, PlanId),
    ) -> UpdatePlanRequest {
        UpdatePlanRequest {
            administrator,
            app_id,
            plan_id,
            expected_version: self.version.map(Version::from_stored),
            patch: PlanPatch {
                name: self.name,
                description: self.description.map(|described| described.0),
                trial_days: self.trial_days,
                visibility: self.visibility.map(VisibilityName::into),
                is_default: self.is_default,
            },
        }
    }
}
