use async_trait::async_trait;

use super::StoreError;
use crate::{BillingSwitch, Blockers, Version, WorkspaceBilling, WorkspaceId};

/// Reads the billing switches.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait SwitchReader: Send + Sync {
    /// The billing switch of a workspace; [`BillingSwitch::Disabled`] for one that was never seen.
    async fn billing_switch(&self, workspace: &WorkspaceId) -> Result<BillingSwitch, StoreError>;

    /// What blocks switching off at this moment, as far as the store knows.
    async fn blockers(&self, workspace: &WorkspaceId) -> Result<Blockers, StoreError>;

    /// Up to `limit` workspaces that are closing, in order of their ids, behind `after`. One whose row is corrupt
    /// otherwise is listed like any other.
    async fn closing_workspaces(
        &self,
        after: Option<WorkspaceId>,
        limit: u32,
    ) -> Result<Vec<WorkspaceId>, StoreError>;
}

/// The billing switches inside a transaction.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait SwitchRepository: Send {
    /// The workspace's switch, locked: until this transaction ends, no other gets past this call for the
    /// same workspace. A workspace that was never seen is [`BillingSwitch::Disabled`].
    ///
    /// Whatever changes the switch, and whatever makes somebody chargeable, calls this first. That is what
    /// keeps a checkout from slipping in while billing is being switched off.
    async fn lock_workspace(&mut self, workspace: &WorkspaceId) -> Result<WorkspaceBilling, StoreError>;

    /// Saves the switch and returns its new version.
    ///
    /// Must fail with [`StoreError::Conflict`] when the stored version is not `loaded`.
    async fn save_switch(
        &mut self,
        workspace: &WorkspaceId,
        loaded: Version,
        switch: &BillingSwitch,
    ) -> Result<Version, StoreError>;

    /// What blocks switching off, as this transaction sees it.
    async fn blockers(&mut self, workspace: &WorkspaceId) -> Result<Blockers, StoreError>;
}
