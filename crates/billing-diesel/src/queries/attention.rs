use billing_domain::ports::{AttentionReader, Counted, Edge, Part, StoreError};
use billing_domain::{AppId, Invoice, InvoiceStatus, Subscription, SubscriptionId, WorkspaceId};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::condition::Condition;
use super::dialect::{Backend, one_of};
use super::invoices::InvoiceRow;
use super::lists::{self, Count, First};
use super::schema::{invoices, subscriptions};
use super::store::DieselBillingStore;
use super::subscriptions::SubscriptionRow;
use crate::error::store_error;

/// In the words of the partial index, which answers to no bound value.
const UNHEALTHY: &str = "status IN ('past_due', 'unpaid', 'incomplete', 'paused')";

fn unhealthy<'a>(workspace: &'a WorkspaceId, app: &'a AppId) -> subscriptions::BoxedQuery<'a, Backend> {
    subscriptions::table
        .filter(subscriptions::workspace_id.eq(workspace.as_str()))
        .filter(subscriptions::app_id.eq(app.as_str()))
        .filter(Condition::constant(UNHEALTHY))
        .into_boxed()
}

#[async_trait::async_trait]
impl AttentionReader for DieselBillingStore {
    async fn unhealthy_subscriptions(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        edge: Edge<SubscriptionId>,
        limit: u32,
    ) -> Result<Part<Subscription>, StoreError> {
        let list = lists::part(unhealthy(workspace, app), subscriptions::subscription_id, edge);
        let list = First::new(limit, list.select(SubscriptionRow::as_select()));
        let conn = &mut *self.reader(workspace).await?;
        let mut rows: Vec<SubscriptionRow> = list.load(conn).await.map_err(store_error)?;
        if let Edge::NewerThan(_) = edge {
            rows.reverse();
        }
        let items: Result<_, StoreError> = rows.into_iter().map(SubscriptionRow::into_domain).collect();
        Ok(Part { items: items?, is_cut: false, counted: None })
    }

    async fn count_unhealthy_subscriptions(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        than: Option<SubscriptionId>,
    ) -> Result<Counted, StoreError> {
        let list = || unhealthy(workspace, app).select(subscriptions::subscription_id);
        let conn = &mut *self.reader(workspace).await?;
        Count::of(list, subscriptions::subscription_id, than).read(conn, false).await
    }

    async fn unpaid_invoices(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        subscriptions: &[SubscriptionId],
    ) -> Result<Vec<Invoice>, StoreError> {
        if subscriptions.is_empty() {
            return Ok(Vec::new());
        }
        let rows: Vec<InvoiceRow> = invoices::table
            .filter(invoices::workspace_id.eq(workspace.as_str()))
            .filter(invoices::app_id.eq(app.as_str()))
            .filter(invoices::status.eq(InvoiceStatus::Open.as_str()))
            .filter(one_of("subscription_id", subscriptions.iter().map(ToString::to_string)))
            .select(InvoiceRow::as_select())
            .load(&mut *self.reader(workspace).await?)
            .await
            .map_err(store_error)?;
        rows.into_iter().map(InvoiceRow::into_domain).collect()
    }
}
