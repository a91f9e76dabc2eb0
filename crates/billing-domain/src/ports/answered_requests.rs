use async_trait::async_trait;

use super::StoreError;
use crate::{RequestKey, Timestamp, WorkspaceId};

/// A request that was done once, as it is remembered under the key its client gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnsweredRequest {
    /// What was asked for: two requests are the same when their texts are.
    pub request: String,
    /// What came of it.
    pub outcome: String,
}

/// Remembers requests by the keys their clients gave them (contract, section 3).
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait AnsweredRequests: Send {
    /// The request of this key that was answered at `since` or later, in a workspace that was
    /// [locked](super::SwitchRepository::lock_workspace).
    async fn answered_request(
        &mut self,
        workspace: &WorkspaceId,
        key: &RequestKey,
        since: Timestamp,
    ) -> Result<Option<AnsweredRequest>, StoreError>;

    /// Remembers a request answered at `now`, and forgets those of the workspace answered before `since`.
    async fn remember_request(
        &mut self,
        workspace: &WorkspaceId,
        key: &RequestKey,
        answered: &AnsweredRequest,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError>;
}
