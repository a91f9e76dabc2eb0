use serde::{Deserialize, Serialize};

use crate::{
    AppId, EnvironmentId, GatewayAccountId, InvoiceDetails, InvoiceId, Payer, StripeId, SubscriptionId,
    Timestamp, WorkspaceId, stored::stored, wire_time,
};

/// The mirror of a Stripe invoice to an end user or organization.
///
/// Deserializes from stored JSON, without the rules for new input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Invoice {
    /// Our id.
    pub id: InvoiceId,
    /// The selling tenant.
    #[serde(deserialize_with = "stored")]
    pub workspace_id: WorkspaceId,
    /// The app that sells.
    #[serde(deserialize_with = "stored")]
    pub app_id: AppId,
    /// The payer's environment.
    #[serde(deserialize_with = "stored")]
    pub environment_id: EnvironmentId,
    /// The charged payer.
    pub payer: Payer,
    /// The Stripe account that charges. Never changes.
    #[serde(deserialize_with = "stored")]
    pub gateway_account_id: GatewayAccountId,
    /// Stripe's id.
    #[serde(deserialize_with = "stored")]
    pub stripe_id: StripeId,
    /// The subscription it bills, once that is mirrored.
    pub subscription_id: Option<SubscriptionId>,
    /// The part that follows Stripe.
    #[serde(flatten)]
    pub details: InvoiceDetails,
    /// The moment of the fetch that last changed the mirror.
    #[serde(with = "wire_time")]
    pub synced_at: Timestamp,
}
