use async_trait::async_trait;

use super::StoreError;
use crate::{Gateway, GatewayAccountId, GatewayLink, LinkSubject, StripeId, Timestamp, WorkspaceId};

/// Reads the gateway accounts of a workspace, and the objects at Stripe that stand for ours.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait GatewayLinkReader: Send + Sync {
    /// Every gateway account that the workspace ever used, by id.
    async fn gateway_accounts(&self, workspace: &WorkspaceId) -> Result<Vec<GatewayAccountId>, StoreError>;

    /// Up to `limit` customers of the workspace on the account after `after`, by id.
    async fn customers(
        &self,
        workspace: &WorkspaceId,
        account: &GatewayAccountId,
        after: Option<StripeId>,
        limit: u32,
    ) -> Result<Vec<StripeId>, StoreError>;

    /// Whether another workspace ever used the account.
    async fn is_used_by_others(
        &self,
        workspace: &WorkspaceId,
        account: &GatewayAccountId,
    ) -> Result<bool, StoreError>;

    /// Up to `limit` pairs of a workspace and an account it ever used after `after`, in order, for reconciliation.
    async fn workspaces_with_accounts(
        &self,
        after: Option<(WorkspaceId, GatewayAccountId)>,
        limit: u32,
    ) -> Result<Vec<(WorkspaceId, GatewayAccountId)>, StoreError>;
}

/// The gateway accounts and links inside a transaction, of a workspace that is
/// [locked](super::SwitchRepository::lock_workspace).
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait GatewayLinkRepository: Send {
    /// Records that the workspace uses the account, in this mode and for good. May be repeated. Returns whether it is new.
    ///
    /// Must fail with [`StoreError::Conflict`] when it is new and a workspace uses the account in the other mode.
    async fn use_gateway_account(
        &mut self,
        workspace: &WorkspaceId,
        account: &GatewayAccountId,
        gateway: Gateway,
        is_live: bool,
        now: Timestamp,
    ) -> Result<bool, StoreError>;

    /// The gateway through which the workspace uses the account.
    async fn gateway_of(
        &mut self,
        workspace: &WorkspaceId,
        account: &GatewayAccountId,
    ) -> Result<Option<Gateway>, StoreError>;

    /// Stripe's object for ours on the account.
    async fn gateway_link(
        &mut self,
        workspace: &WorkspaceId,
        account: &GatewayAccountId,
        subject: &LinkSubject,
    ) -> Result<Option<StripeId>, StoreError>;

    /// Our object for Stripe's on the account.
    async fn link_subject(
        &mut self,
        workspace: &WorkspaceId,
        account: &GatewayAccountId,
        stripe_id: &StripeId,
    ) -> Result<Option<LinkSubject>, StoreError>;

    /// Adds a link; that of a customer is also entered in the directory, by which webhooks find the workspace.
    ///
    /// Must fail with [`StoreError::Conflict`] when either side is linked on the account.
    async fn insert_gateway_link(&mut self, link: &GatewayLink) -> Result<(), StoreError>;

    /// Removes a link. A customer stays in the directory: webhooks may still speak of it.
    async fn remove_gateway_link(&mut self, link: &GatewayLink) -> Result<(), StoreError>;
}
