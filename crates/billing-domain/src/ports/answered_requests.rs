use async_trait::async_trait;

use super::StoreError;
use crate::{RequestKey, Timestamp, WorkspaceId};

/// A request and its stored response, under its idempotency key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnsweredRequest {
    /// The request's fingerprint: equal requests have equal fingerprints.
    pub request: String,
    /// The stored response.
    pub outcome: String,
}

/// The stored responses by idempotency key (contract, section 3).
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait AnsweredRequests: Send {
    /// The request with this key answered at `since` or later. The workspace must be
    /// [locked](super::SwitchRepository::lock_workspace).
    async fn answered_request(
        &mut self,
        workspace: &WorkspaceId,
        key: &RequestKey,
        since: Timestamp,
    ) -> Result<Option<AnsweredRequest>, StoreError>;

    /// Stores a request answered at `now`; deletes those of the workspace answered before `since`.
    async fn remember_request(
        &mut self,
        workspace: &WorkspaceId,
        key: &RequestKey,
        answered: &AnsweredRequest,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Replaces the outcome of a stored request whose first was refused by Stripe: it is answered anew at `now`. Must be
    /// [`StoreError::Conflict`] where none is stored.
    async fn replace_outcome(
        &mut self,
        workspace: &WorkspaceId,
        key: &RequestKey,
        outcome: &str,
        now: Timestamp,
    ) -> Result<(), StoreError>;
}
