use billing_domain::{Feature, PlanOffer};
use serde::Serialize;
use utoipa::ToSchema;

use super::PriceBody;
use super::wire_time;
use super::words::{PayerKindName, VisibilityName};

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
    is_default: bool,
    /// Archived ones included, the oldest first.
    prices: Vec<PriceBody>,
    /// Those attached to it, the oldest first.
    features: Vec<PlanFeatureBody>,
    /// Since when nobody new can subscribe to it; null while it is sold.
    #[schema(required = true, format = DateTime)]
    archived_at: Option<String>,
    /// Grows with each change of the plan, its prices or its features.
    version: u32,
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
            version: plan.version.number(),
            created_at: wire_time(plan.created_at),
        }
    }
}
