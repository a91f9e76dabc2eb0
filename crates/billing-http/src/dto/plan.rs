use billing_application::{CreatePlan, PlanPatch, UpdatePlan};
use billing_domain::{
    AppId, Description, DisplayName, Feature, FeatureKey, PayerKind, PlanDetails, PlanId, PlanKey, PlanOffer,
    PriceTerms, TrialDays, Version, Visibility, wire_time,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::PriceBody;
use super::given::{Object, Removable, given};
use super::price::PriceTermsBody;
use super::version::VersionNumber;
use super::words::{PayerKindName, VisibilityName};
use crate::error::ApiError;

/// A plan with what it costs and what it gives.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PlanBody {
    #[schema(example = "plan_01kapzv5e8f6ws8j4kq1bdx0mh")]
    id: String,
    #[schema(example = "app_01kapzv5e8f6ws8j4kq1bdx0me")]
    app_id: String,
    #[schema(example = "pro_monthly")]
    key: String,
    #[schema(example = "Pro")]
    name: String,
    #[schema(required = true)]
    description: Option<String>,
    payer_kind: PayerKindName,
    /// How many days a new subscriber tries it; none when zero.
    #[schema(example = 14)]
    trial_days: u32,
    visibility: VisibilityName,
    /// Whether it is what everyone has who has not subscribed.
    #[schema(example = false)]
    is_default: bool,
    /// Archived ones included, the oldest first.
    prices: Vec<PriceBody>,
    /// Those attached to it, the oldest first.
    features: Vec<PlanFeatureBody>,
    /// Since when nobody new can subscribe to it; null while it is sold.
    #[schema(required = true, format = DateTime)]
    archived_at: Option<String>,
    /// Grows with each change of the plan, its prices or its features.
    version: VersionNumber,
    #[schema(format = DateTime, example = "2026-11-22T12:34:56.789Z")]
    created_at: String,
}

/// A feature as part of a plan.
#[derive(Serialize, ToSchema)]
pub(crate) struct PlanFeatureBody {
    #[schema(example = "pro_export")]
    key: String,
    #[schema(example = "Export")]
    name: String,
    #[schema(required = true)]
    description: Option<String>,
}

impl From<Feature> for PlanFeatureBody {
    fn from(feature: Feature) -> Self {
        Self {
            key: feature.key.to_string(),
            name: feature.details.name.to_string(),
            description: feature.details.description.map(String::from),
        }
    }
}

impl From<PlanOffer> for PlanBody {
    fn from(offer: PlanOffer) -> Self {
        let PlanOffer { plan, prices, features } = offer;
        Self {
            id: plan.id.to_string(),
            app_id: plan.app_id.to_string(),
            key: plan.key.to_string(),
            name: plan.details.name.to_string(),
            description: plan.details.description.map(String::from),
            payer_kind: plan.payer_kind.into(),
            trial_days: plan.details.trial_days.days(),
            visibility: plan.details.visibility.into(),
            is_default: plan.details.is_default,
            prices: prices.into_iter().map(PriceBody::from).collect(),
            features: features.into_iter().map(PlanFeatureBody::from).collect(),
            archived_at: plan.archived_at.map(wire_time),
            version: plan.version.into(),
            created_at: wire_time(plan.created_at),
        }
    }
}

/// A plan to create.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CreatePlanBody {
    /// Unique among the app's plans that are not archived; it never changes.
    #[schema(value_type = String, pattern = "^[a-z0-9_]{1,64}$", example = "pro_monthly")]
    key: PlanKey,
    #[schema(value_type = String, min_length = 1, max_length = 100, pattern = r"\S", example = "Pro")]
    name: DisplayName,
    #[schema(value_type = Option<String>, min_length = 1, max_length = 500, pattern = r"\S")]
    description: Option<Description>,
    /// Who can subscribe; `user` when omitted. It never changes.
    #[serde(default = "users")]
    payer_kind: PayerKindName,
    /// How many days a new subscriber tries it; none when zero or omitted.
    #[serde(default)]
    #[schema(value_type = u32, minimum = 0, maximum = 730, example = 14)]
    trial_days: TrialDays,
    /// `public` when omitted.
    #[serde(default = "public")]
    visibility: VisibilityName,
    /// Whether it is what everyone has who has not subscribed: at most one plan per kind of payer, and a free one.
    #[serde(default)]
    #[schema(example = false)]
    is_default: bool,
    /// What it is sold at from the beginning: one price per currency and interval.
    #[serde(default)]
    #[schema(value_type = Vec<PriceTermsBody>, max_items = 200)]
    prices: Vec<Object<PriceTermsBody>>,
    /// The keys of the app's features that are attached to it from the beginning.
    #[serde(default)]
    #[schema(value_type = Vec<String>, max_items = 50, example = json!(["pro_export"]))]
    features: Vec<FeatureKey>,
}

fn users() -> PayerKindName {
    PayerKind::default().into()
}

fn public() -> VisibilityName {
    Visibility::default().into()
}

impl CreatePlanBody {
    pub(crate) fn change(self, app_id: AppId) -> Result<CreatePlan, ApiError> {
        Ok(CreatePlan {
            app_id,
            key: self.key,
            payer_kind: self.payer_kind.into(),
            details: PlanDetails {
                name: self.name,
                description: self.description,
                trial_days: self.trial_days,
                visibility: self.visibility.into(),
                is_default: self.is_default,
            },
            prices: all_terms(self.prices)?,
            features: self.features,
        })
    }
}

fn all_terms(prices: Vec<Object<PriceTermsBody>>) -> Result<Vec<PriceTerms>, ApiError> {
    prices
        .into_iter()
        .enumerate()
        .map(|(position, Object(price))| price.terms(&format!("prices[{position}].amount.minorUnits")))
        .collect()
}

/// What is to be different of a plan; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct UpdatePlanBody {
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 100, pattern = r"\S", example = "Pro")]
    name: Option<DisplayName>,
    /// Null removes it.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 500, pattern = r"\S")]
    description: Option<Removable<Description>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = u32, required = false, minimum = 0, maximum = 730, example = 14)]
    trial_days: Option<TrialDays>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = VisibilityName, required = false)]
    visibility: Option<VisibilityName>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = bool, required = false, example = false)]
    is_default: Option<bool>,
    /// The version the change is based on. When the plan has changed since, nothing is done.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = VersionNumber, required = false)]
    version: Option<VersionNumber>,
}

impl UpdatePlanBody {
    pub(crate) fn change(self, (app_id, plan_id): (AppId, PlanId)) -> UpdatePlan {
        UpdatePlan {
            app_id,
            plan_id,
            expected_version: self.version.map(Version::from),
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
