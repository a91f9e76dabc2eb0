use billing_domain::ports::{AppRepository, StoreError};
use billing_domain::{AppId, Timestamp, WorkspaceId};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::schema::apps;
use super::unit_of_work::DieselUnitOfWork;
use crate::error::store_error;

#[async_trait::async_trait]
impl AppRepository for DieselUnitOfWork {
    async fn insert_app_if_absent(
        &mut self,
        workspace: &WorkspaceId,
        app: &AppId,
        name: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        diesel::insert_into(apps::table)
            .values((
                apps::workspace_id.eq(workspace.as_str()),
                apps::app_id.eq(app.as_str()),
                apps::name.eq(name),
                apps::created_at.eq(now),
            ))
            .on_conflict_do_nothing()
            .execute(self.conn()?)
            .await
            .map_err(store_error)?;
        Ok(())
    }
}
