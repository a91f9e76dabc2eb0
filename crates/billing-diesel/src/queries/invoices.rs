use billing_domain::ports::{
    Counted, Edge, InvoiceFilter, InvoiceReader, InvoiceRepository, Part, StoreError,
};
use billing_domain::{
    AppId, GatewayAccountId, Invoice, InvoiceId, StripeId, Subscription, Timestamp, WorkspaceId,
};
use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;

use super::dialect::{self, Backend, Conn};
use super::lists::{self, Beyond, Count, First};
use super::schema::invoices;
use super::store::DieselBillingStore;
use super::unit_of_work::DieselUnitOfWork;
use crate::error::store_error;
use crate::row::{Row, payer_columns, to_json};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = invoices, check_for_backend(Backend), treat_none_as_default_value = false)]
pub(super) struct InvoiceRow {
    workspace_id: String,
    invoice_id: String,
    app_id: String,
    environment_id: String,
    payer_kind: String,
    payer_id: String,
    gateway_account_id: String,
    stripe_invoice_id: String,
    subscription_id: Option<String>,
    /// That of the details, for the index.
    status: String,
    details: String,
    synced_at: Timestamp,
}

impl InvoiceRow {
    fn new(invoice: &Invoice) -> Result<Self, StoreError> {
        let (payer_kind, payer_id) = payer_columns(&invoice.payer);
        Ok(Self {
            workspace_id: invoice.workspace_id.to_string(),
            invoice_id: invoice.id.to_string(),
            app_id: invoice.app_id.to_string(),
            environment_id: invoice.environment_id.to_string(),
            payer_kind: payer_kind.to_owned(),
            payer_id: payer_id.to_owned(),
            gateway_account_id: invoice.gateway_account_id.to_string(),
            stripe_invoice_id: invoice.stripe_id.to_string(),
            subscription_id: invoice.subscription_id.map(String::from),
            status: invoice.details.status.as_str().to_owned(),
            details: to_json(&invoice.details)?,
            synced_at: invoice.synced_at,
        })
    }

    pub(super) fn into_domain(self) -> Result<Invoice, StoreError> {
        let row = Row { table: "invoices", key: &self.invoice_id };
        Ok(Invoice {
            id: row.read("invoice_id", self.invoice_id.as_str())?,
            workspace_id: row.read("workspace_id", self.workspace_id)?,
            app_id: row.read("app_id", self.app_id)?,
            environment_id: row.read("environment_id", self.environment_id)?,
            payer: row.payer(&self.payer_kind, &self.payer_id)?,
            gateway_account_id: row.read("gateway_account_id", self.gateway_account_id)?,
            stripe_id: row.read("stripe_invoice_id", self.stripe_invoice_id)?,
            subscription_id: row.read("subscription_id", self.subscription_id)?,
            details: row.facts("details", &self.details)?,
            synced_at: self.synced_at,
        })
    }
}

fn into_one(row: QueryResult<InvoiceRow>) -> Result<Option<Invoice>, StoreError> {
    row.optional().map_err(store_error)?.map(InvoiceRow::into_domain).transpose()
}

/// The invoices of a list before what no index answers.
fn unscanned<'a>(
    workspace: &'a WorkspaceId,
    app: &'a AppId,
    filter: &InvoiceFilter,
) -> invoices::BoxedQuery<'a, Backend> {
    let mut list = invoices::table
        .filter(invoices::workspace_id.eq(workspace.as_str()))
        .filter(invoices::app_id.eq(app.as_str()))
        .into_boxed();
    if let Some(status) = &filter.status {
        list = list.filter(invoices::status.eq(status.as_str().to_owned()));
    }
    if let Some(subscription) = filter.subscription_id {
        list = list.filter(invoices::subscription_id.eq(subscription.to_string()));
    }
    list
}

/// The newest invoice that is too old for the filter to look at.
async fn beyond(
    conn: &mut Conn,
    workspace: &WorkspaceId,
    app: &AppId,
    filter: &InvoiceFilter,
) -> Result<Option<String>, StoreError> {
    if !filter.is_scan() {
        return Ok(None);
    }
    let newest_first = unscanned(workspace, app, filter).order(invoices::invoice_id.desc());
    Beyond(newest_first.select(invoices::invoice_id)).get_result(conn).await.optional().map_err(store_error)
}

/// The invoices of a list.
fn listed<'a>(
    workspace: &'a WorkspaceId,
    app: &'a AppId,
    filter: &InvoiceFilter,
    beyond: Option<&str>,
) -> invoices::BoxedQuery<'a, Backend> {
    let mut list = unscanned(workspace, app, filter);
    if let Some(invoice) = beyond {
        list = list.filter(invoices::invoice_id.gt(invoice.to_owned()));
    }
    if let Some(payer) = &filter.payer_id {
        list = list.filter(invoices::payer_id.eq(payer.clone()));
    }
    list
}

#[async_trait::async_trait]
impl InvoiceReader for DieselBillingStore {
    async fn invoices(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        filter: &InvoiceFilter,
        edge: Edge<InvoiceId>,
        limit: u32,
    ) -> Result<Part<Invoice>, StoreError> {
        let reading = async {
            let conn = &mut *self.reader(workspace).await?;
            let beyond = beyond(conn, workspace, app, filter).await?;
            let list = listed(workspace, app, filter, beyond.as_deref());
            let list = lists::part(list, invoices::invoice_id, edge);
            let list = First::new(limit, list.select(InvoiceRow::as_select()));
            let mut rows: Vec<InvoiceRow> = list.load(conn).await.map_err(store_error)?;
            if let Edge::NewerThan(_) = edge {
                rows.reverse();
            }
            let items: Result<_, StoreError> = rows.into_iter().map(InvoiceRow::into_domain).collect();
            Ok(Part { items: items?, is_cut: beyond.is_some(), counted: None })
        };
        dialect::scanning(filter.is_scan(), reading).await
    }

    async fn count_invoices(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        filter: &InvoiceFilter,
        than: Option<InvoiceId>,
    ) -> Result<Counted, StoreError> {
        let reading = async {
            let conn = &mut *self.reader(workspace).await?;
            let beyond = beyond(conn, workspace, app, filter).await?;
            let list = || listed(workspace, app, filter, beyond.as_deref()).select(invoices::invoice_id);
            Count::of(list, invoices::invoice_id, than).read(conn, beyond.is_some()).await
        };
        dialect::scanning(filter.is_scan(), reading).await
    }

    async fn invoice(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        invoice: InvoiceId,
    ) -> Result<Option<Invoice>, StoreError> {
        let row = invoices::table
            .find((workspace.as_str(), invoice.to_string()))
            .filter(invoices::app_id.eq(app.as_str()))
            .select(InvoiceRow::as_select())
            .get_result(&mut *self.reader(workspace).await?)
            .await;
        into_one(row)
    }
}

#[async_trait::async_trait]
impl InvoiceRepository for DieselUnitOfWork {
    async fn mirrored_invoice(
        &mut self,
        workspace: &WorkspaceId,
        account: &GatewayAccountId,
        stripe_id: &StripeId,
    ) -> Result<Option<Invoice>, StoreError> {
        let row = invoices::table
            .filter(invoices::workspace_id.eq(workspace.as_str()))
            .filter(invoices::gateway_account_id.eq(account.as_str()))
            .filter(invoices::stripe_invoice_id.eq(stripe_id.as_str()))
            .select(InvoiceRow::as_select())
            .get_result(self.conn()?)
            .await;
        into_one(row)
    }

    async fn invoice_to_change(
        &mut self,
        workspace: &WorkspaceId,
        invoice: InvoiceId,
    ) -> Result<Option<Invoice>, StoreError> {
        let row = invoices::table.find((workspace.as_str(), invoice.to_string()));
        into_one(row.select(InvoiceRow::as_select()).get_result(self.conn()?).await)
    }

    async fn unattached_invoices(
        &mut self,
        subscription: &Subscription,
    ) -> Result<Vec<StripeId>, StoreError> {
        let (payer_kind, payer_id) = payer_columns(&subscription.payer);
        let ids: Vec<String> = invoices::table
            .filter(invoices::workspace_id.eq(subscription.workspace_id.as_str()))
            .filter(invoices::app_id.eq(subscription.app_id.as_str()))
            .filter(invoices::subscription_id.is_null())
            .filter(invoices::gateway_account_id.eq(subscription.gateway_account_id.as_str()))
            .filter(invoices::payer_kind.eq(payer_kind))
            .filter(invoices::payer_id.eq(payer_id))
            .order(invoices::stripe_invoice_id)
            .select(invoices::stripe_invoice_id)
            .load(self.conn()?)
            .await
            .map_err(store_error)?;
        let row = Row { table: "invoices", key: subscription.stripe_id.as_str() };
        ids.into_iter().map(|id| row.read("stripe_invoice_id", id)).collect()
    }

    async fn save_invoice(&mut self, invoice: &Invoice) -> Result<(), StoreError> {
        diesel::insert_into(invoices::table)
            .values(InvoiceRow::new(invoice)?)
            .on_conflict((invoices::workspace_id, invoices::gateway_account_id, invoices::stripe_invoice_id))
            .do_update()
            .set((
                invoices::subscription_id.eq(excluded(invoices::subscription_id)),
                invoices::status.eq(excluded(invoices::status)),
                invoices::details.eq(excluded(invoices::details)),
                invoices::synced_at.eq(excluded(invoices::synced_at)),
            ))
            .execute(self.conn()?)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn remove_mirror(&mut self, workspace: &WorkspaceId, invoice: InvoiceId) -> Result<(), StoreError> {
        let row = invoices::table.find((workspace.as_str(), invoice.to_string()));
        diesel::delete(row).execute(self.conn()?).await.map_err(store_error)?;
        Ok(())
    }
}
