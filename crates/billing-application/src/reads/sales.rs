//! Reads of what was sold. Each is refused while billing is off.

use std::convert::Infallible;

use billing_domain::ports::{InvoiceCounts, InvoiceFilter, SubscriptionCounts, SubscriptionFilter};
use billing_domain::{
    AppId, CheckoutIntent, CheckoutIntentId, EnvironmentId, Invoice, InvoiceId, Subscription, SubscriptionId,
    WorkspaceId,
};

use super::{InvalidCursor, Listed, Page, PageRequest, Reads};
use crate::refusal::{Absent, Refused};

impl Reads {
    /// The subscriptions of an app, newest first.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn subscriptions(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        filter: &SubscriptionFilter,
        page: &PageRequest,
    ) -> Result<Listed<Subscription>, Refused<InvalidCursor>> {
        let switch = self.require_open(workspace).await?;
        let subscriptions = self.ports.store.subscriptions();
        let page = Page::load(
            page,
            |subscription: &Subscription| subscription.id,
            |edge, limit| subscriptions.subscriptions(workspace, app, filter, edge, limit),
            |than| subscriptions.count_subscriptions(workspace, app, filter, than),
        );
        let page = page.await?;
        if page.items.is_empty() {
            self.require_app(workspace, app).await?;
        }
        Ok(Listed { switch, page })
    }

    /// The numbers of an app's subscriptions by status, in the environment or in all.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn subscription_counts(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        environment: Option<&EnvironmentId>,
    ) -> Result<SubscriptionCounts, Refused<Infallible>> {
        self.require_open(workspace).await?;
        let counts = self
            .ports
            .store
            .subscriptions()
            .subscription_counts(workspace, app, environment.cloned())
            .await?;
        if counts.by_status.is_empty() {
            self.require_app(workspace, app).await?;
        }
        Ok(counts)
    }

    /// One subscription.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn subscription(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        id: SubscriptionId,
    ) -> Result<Subscription, Refused<Infallible>> {
        self.require_open(workspace).await?;
        if let Some(subscription) = self.ports.store.subscriptions().subscription(workspace, app, id).await? {
            return Ok(subscription);
        }
        self.require_app(workspace, app).await?;
        Err(Absent::Subscription.into())
    }

    /// The invoices of an app, latest first.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn invoices(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        filter: &InvoiceFilter,
        page: &PageRequest,
    ) -> Result<Listed<Invoice>, Refused<InvalidCursor>> {
        let switch = self.require_open(workspace).await?;
        let invoices = self.ports.store.invoices();
        let page = Page::load(
            page,
            |invoice: &Invoice| invoice.id,
            |edge, limit| invoices.invoices(workspace, app, filter, edge, limit),
            |than| invoices.count_invoices(workspace, app, filter, than),
        );
        let page = page.await?;
        if page.items.is_empty() {
            self.require_app(workspace, app).await?;
        }
        Ok(Listed { switch, page })
    }

    /// The numbers of an app's invoices by status, in the environment or in all.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn invoice_counts(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        environment: Option<&EnvironmentId>,
    ) -> Result<InvoiceCounts, Refused<Infallible>> {
        self.require_open(workspace).await?;
        let counts = self.ports.store.invoices().invoice_counts(workspace, app, environment.cloned()).await?;
        if counts.by_status.is_empty() {
            self.require_app(workspace, app).await?;
        }
        Ok(counts)
    }

    /// One invoice.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn invoice(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        id: InvoiceId,
    ) -> Result<Invoice, Refused<Infallible>> {
        self.require_open(workspace).await?;
        if let Some(invoice) = self.ports.store.invoices().invoice(workspace, app, id).await? {
            return Ok(invoice);
        }
        self.require_app(workspace, app).await?;
        Err(Absent::Invoice.into())
    }

    /// One checkout link of an app.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn checkout_intent(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        id: CheckoutIntentId,
    ) -> Result<CheckoutIntent, Refused<Infallible>> {
        self.require_open(workspace).await?;
        let intent = self.ports.store.checkout_intents().checkout_intent(workspace, id).await?;
        if let Some(intent) = intent.filter(|intent| intent.app_id == *app) {
            return Ok(intent);
        }
        self.require_app(workspace, app).await?;
        Err(Absent::CheckoutLink.into())
    }
}
