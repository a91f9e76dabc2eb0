use billing_application::{CatalogError, FeatureError, PlanError};
use billing_domain::{Plan, PlanRefused};
use serde_json::{Value, json};

use crate::dto::{FeatureBody, PlanBody};
use crate::error::{ApiError, ErrorCode};

impl From<CatalogError> for ApiError {
    fn from(error: CatalogError) -> Self {
        let message = error.to_string();
        match error {
            CatalogError::NotEnabled => Self::new(ErrorCode::BillingNotEnabled, message),
            CatalogError::NotFound(_) => Self::new(ErrorCode::NotFound, message),
            CatalogError::InvalidCursor(error) => error.into(),
            CatalogError::Store(error) => error.into(),
        }
    }
}

impl From<PlanRefused> for ApiError {
    fn from(refused: PlanRefused) -> Self {
        let message = refused.to_string();
        match refused {
            PlanRefused::Archived => Self::new(ErrorCode::PlanArchived, message),
            PlanRefused::DefaultMustBeFree => Self::new(ErrorCode::DefaultPlanMustBeFree, message),
            PlanRefused::PriceTwice => {
                Self::invalid_request(message).with_details(json!({ "field": "prices" }))
            }
            PlanRefused::TooManyPrices | PlanRefused::TooManyFeatures => {
                Self::new(ErrorCode::LimitReached, message)
            }
        }
    }
}

impl From<PlanError> for ApiError {
    fn from(error: PlanError) -> Self {
        let message = error.to_string();
        match error {
            PlanError::Catalog(error) => error.into(),
            PlanError::Refused(refused) => refused.into(),
            PlanError::KeyTaken(_) => Self::new(ErrorCode::PlanKeyTaken, message),
            PlanError::DefaultTaken(plan) => {
                Self::new(ErrorCode::DefaultPlanTaken, message).with_details(json!({ "planId": plan.id }))
            }
            PlanError::EditedMeanwhile(offer) => Self::new(ErrorCode::ConcurrentChange, message)
                .with_details(json!({ "plan": PlanBody::from(*offer) })),
            PlanError::FeatureNameMissing(_) => {
                Self::invalid_request(message).with_details(json!({ "field": "name" }))
            }
            PlanError::RequestKeyReused(reused) => reused.into(),
        }
    }
}

impl From<FeatureError> for ApiError {
    fn from(error: FeatureError) -> Self {
        let message = error.to_string();
        match error {
            FeatureError::Catalog(error) => error.into(),
            FeatureError::KeyTaken(_) => Self::new(ErrorCode::FeatureKeyTaken, message),
            FeatureError::InUse(plans) => {
                let plans: Vec<_> = plans.iter().map(named).collect();
                Self::new(ErrorCode::FeatureInUse, message).with_details(json!({ "plans": plans }))
            }
            FeatureError::EditedMeanwhile(feature) => Self::new(ErrorCode::ConcurrentChange, message)
                .with_details(json!({ "feature": FeatureBody::from(*feature) })),
            FeatureError::RequestKeyReused(reused) => reused.into(),
        }
    }
}

fn named(plan: &Plan) -> Value {
    json!({ "id": plan.id, "name": plan.details.name })
}
