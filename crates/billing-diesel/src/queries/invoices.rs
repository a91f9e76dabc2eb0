use billing_domain::ports::{
    Counted, Edge, InvoiceCounts, InvoiceFilter, InvoiceReader, InvoiceRepository, Part, StoreError,
};
use billing_domain::{
    AppId, EnvironmentId, GatewayAccountId, Invoice, InvoiceId, InvoiceStatus, StripeId, Subscription,
    Timestamp, WorkspaceId,
};
use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;

use super::dialect::{self, Backend, Conn};
use super::lists::{self, Count, First};
use super::sale_counts::{self, Counted as Kind, CountedAs};
use super::sale_lists::{ENVIRONMENT_ID, INVOICE_ID, STATUS, SUBSCRIPTION_ID, SaleList, Test};
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

fn of_app<'a>(workspace: &'a WorkspaceId, app: &'a AppId) -> invoices::BoxedQuery<'a, Backend> {
    invoices::table
        .filter(invoices::workspace_id.eq(workspace.as_str()))
        .filter(invoices::app_id.eq(app.as_str()))
        .into_boxed()
}

/// How the invoices of a list are found.
async fn listed(
    conn: &mut Conn,
    workspace: &WorkspaceId,
    app: &AppId,
    filter: &InvoiceFilter,
) -> Result<SaleList, StoreError> {
    let payer = filter.payer.as_ref();
    let shared = [
        Test::is(ENVIRONMENT_ID, filter.environment_id.as_ref()),
        Test::is(STATUS, filter.status.as_ref().map(InvoiceStatus::as_str)),
        Test::is_payer_kind(payer),
    ];
    let narrow = [Test::is(SUBSCRIPTION_ID, filter.subscription_id), Test::is_payer(payer)];
    SaleList::new(shared, narrow, payer).reach(conn, || of_app(workspace, app), INVOICE_ID).await
}

/// The rows with these ids, in the order of a part from the edge.
async fn with_ids(
    conn: &mut Conn,
    workspace: &WorkspaceId,
    ids: Vec<String>,
    edge: Edge<InvoiceId>,
) -> Result<Vec<InvoiceRow>, StoreError> {
    let rows = invoices::table
        .filter(invoices::workspace_id.eq(workspace.as_str()))
        .filter(dialect::one_of("invoice_id", ids.into_iter()))
        .select(InvoiceRow::as_select())
        .into_boxed::<Backend>();
    lists::part(rows, invoices::invoice_id, edge).load(conn).await.map_err(store_error)
}

async fn counts(
    conn: &mut Conn,
    workspace: &WorkspaceId,
    app: &AppId,
    environment: Option<&EnvironmentId>,
) -> Result<InvoiceCounts, StoreError> {
    let mut counts = InvoiceCounts::default();
    for number in sale_counts::read(conn, workspace, app, Kind::Invoices, environment).await? {
        *counts.by_status.entry(InvoiceStatus::from_stripe(&number.status)).or_default() += number.get();
    }
    Ok(counts)
}

/// What an invoice is counted as.
const COUNTED: (invoices::app_id, invoices::environment_id, invoices::status) =
    (invoices::app_id, invoices::environment_id, invoices::status);

fn counted_as((app_id, environment_id, status): (String, String, String)) -> CountedAs {
    CountedAs { app_id, environment_id, status, is_ending: false }
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
            let list = listed(conn, workspace, app, filter).await?;
            let rows = list.of(of_app(workspace, app), INVOICE_ID);
            let rows = lists::part(rows, list.key(INVOICE_ID), edge);
            let mut rows: Vec<InvoiceRow> = if list.is_sorted() {
                let ids = First::new(limit, rows.select(invoices::invoice_id))
                    .load(conn)
                    .await
                    .map_err(store_error)?;
                with_ids(conn, workspace, ids, edge).await?
            } else {
                let rows = First::new(limit, rows.select(InvoiceRow::as_select()));
                rows.load(conn).await.map_err(store_error)?
            };
            if let Edge::NewerThan(_) = edge {
                rows.reverse();
            }
            let items: Result<_, StoreError> = rows.into_iter().map(InvoiceRow::into_domain).collect();
            Ok(Part { items: items?, is_cut: list.is_cut(), counted: None })
        };
        dialect::scanning(filter.is_scan() || lists::is_long(limit), reading).await
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
            let list = listed(conn, workspace, app, filter).await?;
            let rows = || list.of(of_app(workspace, app), INVOICE_ID).select(invoices::invoice_id);
            let key = list.key(INVOICE_ID);
            if filter.is_counted() {
                let counts = counts(conn, workspace, app, filter.environment_id.as_ref()).await?;
                let total = counts.of(filter.status.as_ref());
                return Count::newer(rows, key, than).read_of(conn, total).await;
            }
            Count::of(rows, key, than).read(conn, list.is_cut()).await
        };
        dialect::scanning(filter.is_scan(), reading).await
    }

    async fn invoice_counts(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        environment: Option<EnvironmentId>,
    ) -> Result<InvoiceCounts, StoreError> {
        counts(&mut *self.reader(workspace).await?, workspace, app, environment.as_ref()).await
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
        let workspace = &invoice.workspace_id;
        let conn = self.conn()?;
        let before = invoices::table
            .filter(invoices::workspace_id.eq(workspace.as_str()))
            .filter(invoices::gateway_account_id.eq(invoice.gateway_account_id.as_str()))
            .filter(invoices::stripe_invoice_id.eq(invoice.stripe_id.as_str()))
            .select(COUNTED)
            .get_result(conn)
            .await
            .optional()
            .map_err(store_error)?;
        let after = diesel::insert_into(invoices::table)
            .values(InvoiceRow::new(invoice)?)
            .on_conflict((invoices::workspace_id, invoices::gateway_account_id, invoices::stripe_invoice_id))
            .do_update()
            .set((
                invoices::subscription_id.eq(excluded(invoices::subscription_id)),
                invoices::status.eq(excluded(invoices::status)),
                invoices::details.eq(excluded(invoices::details)),
                invoices::synced_at.eq(excluded(invoices::synced_at)),
            ))
            .returning(COUNTED)
            .get_result(conn)
            .await
            .map_err(store_error)?;
        let (before, after) = (before.map(counted_as), Some(counted_as(after)));
        sale_counts::count(conn, workspace, Kind::Invoices, before, after).await
    }

    async fn count_invoices_anew(&mut self, workspace: &WorkspaceId) -> Result<(), StoreError> {
        sale_counts::count_anew(self.conn()?, workspace, Kind::Invoices).await
    }

    async fn remove_mirror(&mut self, workspace: &WorkspaceId, invoice: InvoiceId) -> Result<(), StoreError> {
        let conn = self.conn()?;
        let row = invoices::table.find((workspace.as_str(), invoice.to_string()));
        let removed =
            diesel::delete(row).returning(COUNTED).get_result(conn).await.optional().map_err(store_error)?;
        sale_counts::count(conn, workspace, Kind::Invoices, removed.map(counted_as), None).await
    }
}
