//! Ids as distinct types, so that an app id cannot stand where a workspace id is meant.

mod opaque;
mod type_id;

pub use opaque::{
    AppId, DashboardUserId, EnvironmentId, GatewayAccountId, IdempotencyKey, OrganizationId,
    StripeSubscriptionId, UserId, WorkspaceId,
};
pub use type_id::{AuditEntryId, CheckoutIntentId, FeatureId, PlanId, PriceId, SubscriptionId, type_id};

/// The text is not an id of the kind it was read as.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {kind}: it must be {rule}")]
pub struct InvalidId {
    /// What the text was read as, in words: `workspace id`.
    pub kind: &'static str,
    /// What a valid id of this kind looks like.
    pub rule: &'static str,
}
