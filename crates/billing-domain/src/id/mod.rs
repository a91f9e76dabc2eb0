//! Ids as distinct types.

mod opaque;
mod type_id;

pub use opaque::{
    AppId, DashboardUserId, EnvironmentId, GatewayAccountId, IdempotencyKey, OrganizationId, StripeId,
    StripeSubscriptionId, UserId, WorkspaceId,
};
pub use type_id::{
    AuditEntryId, CheckoutIntentId, FeatureId, GatewayCallId, InvoiceId, PlanId, PriceId, SubscriptionId,
    type_id,
};

/// The text is not an id of this kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {kind}: it must be {rule}")]
pub struct InvalidId {
    /// The kind, such as `workspace id`.
    pub kind: &'static str,
    /// The rule for a valid id.
    pub rule: &'static str,
}
