use async_trait::async_trait;

use super::{Counted, Edge, Part, StoreError};
use crate::{
    AppId, GatewayAccountId, Invoice, InvoiceId, InvoiceStatus, StripeId, Subscription, SubscriptionId,
    WorkspaceId,
};

/// The invoices of a list. A payer is looked for among the newest [`SCANNED`](super::SCANNED) invoices of the list only, so that
/// its time is bounded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InvoiceFilter {
    /// Invoices of this status.
    pub status: Option<InvoiceStatus>,
    /// Invoices of this subscription.
    pub subscription_id: Option<SubscriptionId>,
    /// Invoices to this user or organization.
    pub payer_id: Option<String>,
}

impl InvoiceFilter {
    /// Whether the invoices have to be looked at one by one.
    #[must_use]
    pub fn is_scan(&self) -> bool {
        self.payer_id.is_some()
    }
}

/// Reads the mirrored invoices of an app.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait InvoiceReader: Send + Sync {
    /// Up to `limit` invoices, latest mirrored first.
    async fn invoices(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        filter: &InvoiceFilter,
        edge: Edge<InvoiceId>,
        limit: u32,
    ) -> Result<Part<Invoice>, StoreError>;

    /// The number of these invoices, and of those that are newer than the invoice `than`.
    async fn count_invoices(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        filter: &InvoiceFilter,
        than: Option<InvoiceId>,
    ) -> Result<Counted, StoreError>;

    /// One invoice.
    async fn invoice(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        invoice: InvoiceId,
    ) -> Result<Option<Invoice>, StoreError>;
}

/// The mirrored invoices inside a transaction, of a workspace that is
/// [locked](super::SwitchRepository::lock_workspace).
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait InvoiceRepository: Send {
    /// The mirror of Stripe's invoice on an account.
    async fn mirrored_invoice(
        &mut self,
        workspace: &WorkspaceId,
        account: &GatewayAccountId,
        stripe_id: &StripeId,
    ) -> Result<Option<Invoice>, StoreError>;

    /// One invoice.
    async fn invoice_to_change(
        &mut self,
        workspace: &WorkspaceId,
        invoice: InvoiceId,
    ) -> Result<Option<Invoice>, StoreError>;

    /// The invoices to the subscription's payer on its account that name no subscription.
    async fn unattached_invoices(&mut self, subscription: &Subscription)
    -> Result<Vec<StripeId>, StoreError>;

    /// Adds the invoice, or updates the mirror of the same Stripe id on the same account. Its own id, app, environment,
    /// payer and account never change.
    async fn save_invoice(&mut self, invoice: &Invoice) -> Result<(), StoreError>;

    /// Removes the mirror of an invoice that Stripe does not have any more: a deleted draft.
    async fn remove_mirror(&mut self, workspace: &WorkspaceId, invoice: InvoiceId) -> Result<(), StoreError>;
}
