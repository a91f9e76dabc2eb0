use billing_domain::ports::{
    AppReader, AuditLogReader, BillingStore, FeatureReader, PlanReader, StoreError, SwitchReader, UnitOfWork,
    WorkReader,
};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use diesel_async::pooled_connection::deadpool::{Object, Pool};

use super::dialect::{Backend, Conn, MIGRATIONS};
use super::schema::__diesel_schema_migrations as applied_migrations;
use super::unit_of_work::DieselUnitOfWork;
use crate::error::{pool_error, store_error};
use crate::migrations;

/// The billing store of one database.
pub(crate) struct DieselBillingStore {
    readers: Pool<Conn>,
    writers: Pool<Conn>,
}

impl DieselBillingStore {
    pub(in super::super) fn new(readers: Pool<Conn>, writers: Pool<Conn>) -> Self {
        Self { readers, writers }
    }

    pub(super) async fn reader(&self) -> Result<Object<Conn>, StoreError> {
        self.readers.get().await.map_err(pool_error)
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

    fn audit_log(&self) -> &dyn AuditLogReader {
        self
    }

    fn work(&self) -> &dyn WorkReader {
        self
    }

    async fn readiness(&self) -> Result<(), StoreError> {
        let applied: Vec<String> = applied_migrations::table
            .select(applied_migrations::version)
            .load(&mut *self.reader().await?)
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

    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        Ok(Box::new(DieselUnitOfWork::begin(&self.writers).await?))
    }
}
