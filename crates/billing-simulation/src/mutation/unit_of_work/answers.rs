//! The remembered answers of a transaction with a weakened rule.

use async_trait::async_trait;
use billing_domain::ports::{AnsweredRequest, AnsweredRequests, StoreError};
use billing_domain::{RequestKey, Timestamp, WorkspaceId};

use super::WeakUnitOfWork;
use crate::mutation::Mutation;

/// What the fingerprint of a refund begins with.
const REFUND: &str = r#"["refund_invoice","#;

#[async_trait]
impl AnsweredRequests for WeakUnitOfWork {
    async fn answered_request(
        &mut self,
        workspace: &WorkspaceId,
        key: &RequestKey,
        since: Timestamp,
    ) -> Result<Option<AnsweredRequest>, StoreError> {
        self.inner().answered_requests().answered_request(workspace, key, since).await
    }

    async fn remember_request(
        &mut self,
        workspace: &WorkspaceId,
        key: &RequestKey,
        answered: &AnsweredRequest,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if self.is(Mutation::RefundRequestForgotten) && answered.request.starts_with(REFUND) {
            return Ok(());
        }
        self.inner().answered_requests().remember_request(workspace, key, answered, since, now).await
    }

    async fn replace_outcome(
        &mut self,
        workspace: &WorkspaceId,
        key: &RequestKey,
        outcome: &str,
    ) -> Result<(), StoreError> {
        self.inner().answered_requests().replace_outcome(workspace, key, outcome).await
    }
}
