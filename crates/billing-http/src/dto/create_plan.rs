use billing_application::CreatePlanRequest;
use billing_domain::{
    Administrator, AppId, Description, DisplayName, PayerKind, PlanDetails, PlanKey, PriceTerms, RequestKey,
    TrialDays, Visibility,
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::price::PriceTermsBody;
use super::words::{PayerKindName, VisibilityName};
use crate::error::ApiError;

/// A plan to create.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CreatePlanBody {
    /// Unique among the app's plans that are not archived; it never changes.
    #[schema(value_type = String, pattern = "^[a-z0-9_]{1,64}$", example = "pro_monthly")]
    key: PlanKey,
    #[schema(value_type = String, min_length = 1, max_length = 100, example = "Pro")]
    name: DisplayName,
    #[schema(value_type = Option<String>, min_length = 1, max_length = 500)]
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
    is_default: bool,
    /// What it is sold at from the beginning: one price per currency and interval.
    #[serde(default)]
    prices: Vec<PriceTermsBody>,
}

fn users() -> PayerKindName {
    PayerKind::default().into()
}

fn public() -> VisibilityName {
    Visibility::default().into()
}

impl CreatePlanBody {
    pub(crate) fn request(
        self,
        administrator: Administrator,
        app_id: AppId,
        request_key: Option<RequestKey>,
    ) -> Result<CreatePlanRequest, ApiError> {
        Ok(CreatePlanRequest {
            administrator,
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
            request_key,
        })
    }
}

fn all_terms(prices: Vec<PriceTermsBody>) -> Result<Vec<PriceTerms>, ApiError> {
    prices
        .into_iter()
        .enumerate()
        .map(|(position, price)| price.terms(&format!("prices[{position}].amount.minorUnits")))
        .collect()
}
