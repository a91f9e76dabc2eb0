use billing_domain::ports::{AnsweredRequest, AnsweredRequests, StoreError};
use billing_domain::{RequestKey, Timestamp, WorkspaceId};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::schema::answered_requests;
use super::unit_of_work::DieselUnitOfWork;
use crate::error::store_error;

#[async_trait::async_trait]
impl AnsweredRequests for DieselUnitOfWork {
    async fn answered_request(
        &mut self,
        workspace: &WorkspaceId,
        key: &RequestKey,
        since: Timestamp,
    ) -> Result<Option<AnsweredRequest>, StoreError> {
        let row: Option<(String, String)> = answered_requests::table
            .find((workspace.as_str(), key.as_str()))
            .filter(answered_requests::answered_at.ge(since))
            .select((answered_requests::request, answered_requests::outcome))
            .get_result(self.conn()?)
            .await
            .optional()
            .map_err(store_error)?;
        Ok(row.map(|(request, outcome)| AnsweredRequest { request, outcome }))
    }

    async fn remember_request(
        &mut self,
        workspace: &WorkspaceId,
        key: &RequestKey,
        answered: &AnsweredRequest,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let conn = self.conn()?;
        let forgotten = answered_requests::table
            .filter(answered_requests::workspace_id.eq(workspace.as_str()))
            .filter(answered_requests::answered_at.lt(since));
        diesel::delete(forgotten).execute(conn).await.map_err(store_error)?;
        diesel::insert_into(answered_requests::table)
            .values((
                answered_requests::workspace_id.eq(workspace.as_str()),
                answered_requests::request_key.eq(key.as_str()),
                answered_requests::request.eq(&answered.request),
                answered_requests::outcome.eq(&answered.outcome),
                answered_requests::answered_at.eq(now),
            ))
            .execute(conn)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn replace_outcome(
        &mut self,
        workspace: &WorkspaceId,
        key: &RequestKey,
        outcome: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let stored = answered_requests::table.find((workspace.as_str(), key.as_str()));
        let replaced = diesel::update(stored)
            .set((answered_requests::outcome.eq(outcome), answered_requests::answered_at.eq(now)))
            .execute(self.conn()?)
            .await
            .map_err(store_error)?;
        if replaced == 1 { Ok(()) } else { Err(StoreError::Conflict) }
    }
}
