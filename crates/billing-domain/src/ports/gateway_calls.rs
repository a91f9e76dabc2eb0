use async_trait::async_trait;

use super::StoreError;
use crate::{
    CallOutcome, GatewayAccountId, GatewayCall, GatewayCallId, InvoiceId, StripeId, StripeSubscriptionId,
    Timestamp, WorkspaceId,
};

/// Reads the calls to Stripe.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait GatewayCallReader: Send + Sync {
    /// One call.
    async fn gateway_call(
        &self,
        workspace: &WorkspaceId,
        call: GatewayCallId,
    ) -> Result<Option<GatewayCall>, StoreError>;

    /// Up to `limit` calls of unknown outcome after the call `after`, oldest first.
    async fn unresolved_calls(
        &self,
        workspace: &WorkspaceId,
        after: Option<GatewayCallId>,
        limit: u32,
    ) -> Result<Vec<GatewayCall>, StoreError>;

    /// Whether a call has ended this subscription on the account as a payer's second (invariant I2).
    async fn is_ended_duplicate(
        &self,
        workspace: &WorkspaceId,
        account: &GatewayAccountId,
        subscription: &StripeSubscriptionId,
    ) -> Result<bool, StoreError>;
}

/// The calls to Stripe inside a transaction, of a workspace that is
/// [locked](super::SwitchRepository::lock_workspace).
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait GatewayCallRepository: Send {
    /// One call.
    async fn gateway_call_to_change(
        &mut self,
        workspace: &WorkspaceId,
        call: GatewayCallId,
    ) -> Result<Option<GatewayCall>, StoreError>;

    /// The unresolved call of this [subject](crate::CallPurpose::subject) on the account.
    async fn unresolved_call_of(
        &mut self,
        workspace: &WorkspaceId,
        account: &GatewayAccountId,
        subject: &str,
    ) -> Result<Option<GatewayCall>, StoreError>;

    /// The moment at which the oldest unresolved call of this [kind](crate::CallPurpose::kind) on the account was prepared.
    async fn unresolved_since(
        &mut self,
        workspace: &WorkspaceId,
        account: &GatewayAccountId,
        kind: &str,
    ) -> Result<Option<Timestamp>, StoreError>;

    /// The latest call of this subject on the account, whatever its outcome.
    async fn latest_call_of(
        &mut self,
        workspace: &WorkspaceId,
        account: &GatewayAccountId,
        subject: &str,
    ) -> Result<Option<GatewayCall>, StoreError>;

    /// The calls that change the invoice and those that refund one of the payments, which may be shared with other
    /// invoices, whatever their outcomes, oldest first.
    async fn calls_on_invoice(
        &mut self,
        workspace: &WorkspaceId,
        invoice: InvoiceId,
        payments: &[StripeId],
    ) -> Result<Vec<GatewayCall>, StoreError>;

    /// Adds an unresolved call.
    ///
    /// Must fail with [`StoreError::Conflict`] when its id or key is taken, or there is an unresolved call of the same
    /// subject on the account.
    async fn insert_gateway_call(&mut self, call: &GatewayCall) -> Result<(), StoreError>;

    /// Saves the outcome of an unresolved call.
    ///
    /// Must fail with [`StoreError::Conflict`] when the stored outcome is known.
    async fn resolve_gateway_call(
        &mut self,
        workspace: &WorkspaceId,
        call: GatewayCallId,
        outcome: &CallOutcome,
    ) -> Result<(), StoreError>;
}
