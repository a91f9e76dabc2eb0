use billing_domain::WorkspaceId;
use billing_domain::ports::{
    AppReader, AttentionReader, AuditLogReader, BillingStore, CheckoutIntentReader, DriftReader, EventInbox,
    FeatureReader, GatewayCallReader, GatewayLinkReader, InvoiceReader, PlanReader, Retention, RevenueReader,
    StoreError, SubscriptionReader, SwitchReader, UnitOfWork, WorkReader,
};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::connections::{Connections, Reading};
use super::dialect::{Backend, MIGRATIONS};
use super::schema::__diesel_schema_migrations as applied_migrations;
use super::unit_of_work::DieselUnitOfWork;
use crate::catalogs::Catalogs;
use crate::error::store_error;
use crate::migrations;

/// The billing store of one database.
pub(crate) struct DieselBillingStore {
    readers: Connections,
    writers: Connections,
    pub(super) catalogs: Catalogs,
}

impl DieselBillingStore {
    pub(in super::super) fn new(readers: Connections, writers: Connections, catalogs: Catalogs) -> Self {
        Self { readers, writers, catalogs }
    }

    pub(super) async fn reader(&self, workspace: &WorkspaceId) -> Result<Reading, StoreError> {
        self.readers.of_workspace(workspace).await
    }

    /// For what concerns all workspaces.
    pub(super) async fn reader_of_the_service(&self) -> Result<Reading, StoreError> {
        self.readers.of_the_service().await
    }

    /// A transaction in a workspace.
    pub(super) async fn begin_in(&self, workspace: &WorkspaceId) -> Result<DieselUnitOfWork, StoreError> {
        DieselUnitOfWork::begin(&self.writers, self.writers.turn(workspace).await?).await
    }

    /// A transaction that concerns all workspaces, and locks none.
    pub(super) async fn begin_of_the_service(&self) -> Result<DieselUnitOfWork, StoreError> {
        DieselUnitOfWork::begin(&self.writers, self.writers.turn_of_the_service().await?).await
    }

    /// The same, of one that reads before it writes.
    pub(super) async fn begin_of_the_service_with_read(&self) -> Result<DieselUnitOfWork, StoreError> {
        DieselUnitOfWork::begin_with_read(&self.writers, self.writers.turn_of_the_service().await?).await
    }
}

#[async_trait::async_trait]
impl BillingStore for DieselBillingStore {
    fn switches(&self) -> &dyn SwitchReader {
        self
    }

    fn apps(&self) -> &dyn AppReader {
        self
    }

    fn plans(&self) -> &dyn PlanReader {
        self
    }

    fn features(&self) -> &dyn FeatureReader {
        self
    }

    fn checkout_intents(&self) -> &dyn CheckoutIntentReader {
        self
    }

    fn subscriptions(&self) -> &dyn SubscriptionReader {
        self
    }

    fn drifts(&self) -> &dyn DriftReader {
        self
    }

    fn revenue(&self) -> &dyn RevenueReader {
        self
    }

    fn invoices(&self) -> &dyn InvoiceReader {
        self
    }

    fn attention(&self) -> &dyn AttentionReader {
        self
    }

    fn gateway_calls(&self) -> &dyn GatewayCallReader {
        self
    }

    fn gateway_links(&self) -> &dyn GatewayLinkReader {
        self
    }

    fn events(&self) -> &dyn EventInbox {
        self
    }

    fn retention(&self) -> &dyn Retention {
        self
    }

    fn audit_log(&self) -> &dyn AuditLogReader {
        self
    }

    fn work(&self) -> &dyn WorkReader {
        self
    }

    async fn readiness(&self) -> Result<(), StoreError> {
        let applied: Vec<String> = applied_migrations::table
            .select(applied_migrations::version)
            .load(&mut *self.reader_of_the_service().await?)
            .await
            .map_err(store_error)?;
        let pending =
            migrations::pending::<Backend>(&MIGRATIONS, &applied).map_err(StoreError::Unexpected)?;
        if pending.is_empty() {
            Ok(())
        } else {
            Err(StoreError::Unavailable(format!("{} migrations are pending", pending.len()).into()))
        }
    }

    async fn begin(&self, workspace: &WorkspaceId) -> Result<Box<dyn UnitOfWork>, StoreError> {
        Ok(Box::new(self.begin_in(workspace).await?))
    }
}
