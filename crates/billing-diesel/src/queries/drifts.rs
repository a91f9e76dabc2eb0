use billing_domain::ports::{DriftReader, DriftRepository, StoreError};
use billing_domain::{Drift, GatewayAccountId, StripeId, Timestamp, WorkspaceId};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::dialect::Backend;
use super::schema::drifts;
use super::store::DieselBillingStore;
use super::unit_of_work::DieselUnitOfWork;
use crate::error::store_error;
use crate::row::{Row, to_json};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = drifts, check_for_backend(Backend))]
struct DriftRow {
    workspace_id: String,
    drift_id: String,
    account: String,
    object_id: String,
    kind: String,
    differences: String,
    found_at: Timestamp,
}

impl DriftRow {
    fn new(drift: &Drift) -> Result<Self, StoreError> {
        Ok(Self {
            workspace_id: drift.workspace_id.to_string(),
            drift_id: drift.id.clone(),
            account: drift.account.to_string(),
            object_id: drift.object.to_string(),
            kind: drift.kind.to_string(),
            differences: to_json(&drift.differences)?,
            found_at: drift.found_at,
        })
    }

    fn into_domain(self) -> Result<Drift, StoreError> {
        let row = Row { table: "drifts", key: &self.drift_id };
        Ok(Drift {
            workspace_id: row.read("workspace_id", self.workspace_id)?,
            account: row.read("account", self.account)?,
            object: row.read("object_id", self.object_id)?,
            kind: row.read("kind", self.kind)?,
            differences: row.facts("differences", &self.differences)?,
            found_at: self.found_at,
            id: self.drift_id.clone(),
        })
    }
}

#[async_trait::async_trait]
impl DriftReader for DieselBillingStore {
    async fn drifts(&self, workspace: &WorkspaceId, limit: u32) -> Result<Vec<Drift>, StoreError> {
        let rows: Vec<DriftRow> = drifts::table
            .filter(drifts::workspace_id.eq(workspace.as_str()))
            .order(drifts::drift_id.desc())
            .limit(limit.into())
            .select(DriftRow::as_select())
            .load(&mut *self.reader(workspace).await?)
            .await
            .map_err(store_error)?;
        rows.into_iter().map(DriftRow::into_domain).collect()
    }
}

#[async_trait::async_trait]
impl DriftRepository for DieselUnitOfWork {
    async fn insert_drift(&mut self, drift: &Drift) -> Result<(), StoreError> {
        diesel::insert_into(drifts::table)
            .values(DriftRow::new(drift)?)
            .execute(self.conn()?)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn withdraw_drifts(
        &mut self,
        workspace: &WorkspaceId,
        account: &GatewayAccountId,
        object: &StripeId,
        since: Timestamp,
    ) -> Result<(), StoreError> {
        diesel::delete(drifts::table)
            .filter(drifts::workspace_id.eq(workspace.as_str()))
            .filter(drifts::account.eq(account.as_str()))
            .filter(drifts::object_id.eq(object.as_str()))
            .filter(drifts::found_at.gt(since))
            .execute(self.conn()?)
            .await
            .map_err(store_error)?;
        Ok(())
    }
}
