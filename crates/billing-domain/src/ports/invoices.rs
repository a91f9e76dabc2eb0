use std::collections::HashMap;

use async_trait::async_trait;

use super::{Counted, Edge, Part, PayerSearch, StoreError};
use crate::{
    AppId, EnvironmentId, GatewayAccountId, Invoice, InvoiceId, InvoiceStatus, StripeId, Subscription,
    SubscriptionId, WorkspaceId,
};

/// The invoices of a list. An index finds those of each combination of status and environment, and those of a subscription.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InvoiceFilter {
    /// Invoices of this status.
    pub status: Option<InvoiceStatus>,
    /// Invoices of this subscription.
    pub subscription_id: Option<SubscriptionId>,
    /// Invoices of this environment.
    pub environment_id: Option<EnvironmentId>,
    /// Invoices to these payers.
    pub payer: Option<PayerSearch>,
}

impl InvoiceFilter {
    /// Whether they may have to be looked at one by one.
    #[must_use]
    pub fn is_scan(&self) -> bool {
        matches!(self.payer, Some(PayerSearch::Begins(_)))
    }

    /// Whether the number of these invoices is [kept](InvoiceCounts).
    #[must_use]
    pub fn is_counted(&self) -> bool {
        self.subscription_id.is_none() && self.payer.is_none()
    }
}

/// The numbers of an app's invoices, in one environment or in all. They are exact, and cost the same for any number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InvoiceCounts {
    /// By status; a status that no invoice has may be absent.
    pub by_status: HashMap<InvoiceStatus, u64>,
}

impl InvoiceCounts {
    /// The number of the invoices of the status, or of all.
    #[must_use]
    pub fn of(&self, status: Option<&InvoiceStatus>) -> u64 {
        let counted = self.by_status.iter().filter(|(known, _)| status.is_none_or(|status| *known == status));
        counted.map(|(_, number)| number).sum()
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

    /// The numbers of the app's invoices by status, in the environment or in all.
    async fn invoice_counts(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        environment: Option<EnvironmentId>,
    ) -> Result<InvoiceCounts, StoreError>;

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

    /// Counts the workspace's invoices anew, whatever the kept numbers are.
    async fn count_invoices_anew(&mut self, workspace: &WorkspaceId) -> Result<(), StoreError>;

    /// Removes the mirror of an invoice that Stripe does not have any more: a deleted draft.
    async fn remove_mirror(&mut self, workspace: &WorkspaceId, invoice: InvoiceId) -> Result<(), StoreError>;
}
