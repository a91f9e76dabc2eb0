//! The mapping of refusals and failures to API errors. Each sentence about billing is the error's own.

use billing_application::{Facts, Interrupted, Refusal, Refused, WebhookError};
use billing_domain::ports::{SessionError, StoreError};
use billing_domain::{InsufficientRole, Plan};
use serde_json::{Value, json};

use super::{ApiError, ErrorCode};
use crate::dto::{
    AppBody, BlockerBody, FeatureBody, PlanBody, SubscriptionBody, both_previews, refund_conflict,
    refunded_part,
};

impl<E: Refusal> From<Refused<E>> for ApiError {
    fn from(refused: Refused<E>) -> Self {
        // Failures of the service are logged with their cause.
        if let Refused::Store(error) = refused {
            return error.into();
        }
        let told = refused.told();
        let error = Self::new(told.code, refused.to_string()).retried_later();
        Self { details: details(told.facts), ..error }
    }
}

impl From<WebhookError> for ApiError {
    fn from(error: WebhookError) -> Self {
        Self::new(error.told().code, error.to_string()).retried_later().caused_by(error)
    }
}

fn details(facts: Facts<'_>) -> Option<Value> {
    Some(match facts {
        Facts::None | Facts::TooMany(_) => return None,
        Facts::Field(field) => json!({ "field": field }),
        Facts::Amount { part, position: None } => json!({ "field": format!("amount.{part}") }),
        Facts::Amount { part, position: Some(position) } => {
            json!({ "field": format!("prices[{position}].amount.{part}") })
        }
        Facts::Parameter(parameter) => json!({ "parameter": parameter }),
        Facts::PlanInTheWay(plan) => json!({ "planId": plan.id }),
        Facts::Plans(plans) => {
            let named = |plan: &Plan| json!({ "id": plan.id, "name": plan.details.name });
            json!({ "plans": plans.iter().map(named).collect::<Vec<_>>() })
        }
        Facts::App(app) => json!({ "app": AppBody::from(app.clone()) }),
        Facts::Plan(offer) => json!({ "plan": PlanBody::from(offer.clone()) }),
        Facts::Feature(feature) => json!({ "feature": FeatureBody::from(feature.clone()) }),
        Facts::Subscription(subscription) => {
            json!({ "subscription": SubscriptionBody::from(subscription.clone()) })
        }
        Facts::PlanChange(outdated) => both_previews(outdated),
        Facts::Gateway(lacking) => json!({ "gateway": lacking.gateway, "missing": lacking.missing_settings }),
        Facts::Blockers(blockers) => {
            let listed: Vec<_> = blockers.listed().iter().map(BlockerBody::from).collect();
            json!({ "blockers": listed, "total": blockers.total() })
        }
        Facts::Reason(reason) => json!({ "reason": reason }),
        Facts::InvoiceStatus(status) => json!({ "status": status.as_str() }),
        Facts::HostedPage(url) => json!({ "hostedUrl": url }),
        Facts::RefundedPart { refunded, reason } => refunded_part(refunded, reason),
        Facts::Refund { asked, state } => refund_conflict(asked, state),
    })
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => Self::new(
                ErrorCode::ConcurrentChange,
                "Someone else changed the same thing at the same moment. Load it again and repeat the request.",
            ),
            StoreError::Unavailable(_) => Self::new(
                ErrorCode::DatabaseUnavailable,
                "The service cannot reach its data at the moment. Try again in a few seconds.",
            )
            .retried_later()
            .caused_by(error),
            StoreError::Corrupt { .. } | StoreError::Unexpected(_) => Self::internal(error),
        }
    }
}

impl From<Interrupted> for ApiError {
    fn from(interrupted: Interrupted) -> Self {
        match interrupted {
            Interrupted::Crowded => {
                Self::new(ErrorCode::TooManyRequests, interrupted.to_string()).retried_later()
            }
            // What calls the payment gateway maps this itself; the only other slow dependency is the database.
            Interrupted::TooSlow => StoreError::Unavailable(Box::new(interrupted)).into(),
            Interrupted::Broken(_) => Self::internal(interrupted),
        }
    }
}

impl From<SessionError> for ApiError {
    fn from(error: SessionError) -> Self {
        let message = error.to_string();
        match error {
            SessionError::Refused { .. } => Self::unauthenticated(message, r#"Bearer error="invalid_token""#),
            SessionError::Unavailable(cause) => Self::new(
                ErrorCode::IdentityProviderUnavailable,
                "Tokens cannot be verified at the moment. Try again in a few seconds.",
            )
            .retried_later()
            .caused_by(cause),
            SessionError::Unexpected(_) => Self::internal(error),
        }
    }
}

impl From<InsufficientRole> for ApiError {
    fn from(error: InsufficientRole) -> Self {
        Self::new(ErrorCode::InsufficientRole, error.to_string())
    }
}
