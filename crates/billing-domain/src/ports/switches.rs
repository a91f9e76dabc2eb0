use async_trait::async_trait;

use super::StoreError;
use crate::{BillingSwitch, Blockers, Version, WorkspaceBilling, WorkspaceId};

/// Reads the billing switches.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait SwitchReader: Send + Sync {
    /// The billing switch of a workspace; [`BillingSwitch::Disabled`] for an unknown one.
    async fn billing_switch(&self, workspace: &WorkspaceId) -> Result<BillingSwitch, StoreError>;

    /// The current blockers of disabling, as far as the store knows.
    async fn blockers(&self, workspace: &WorkspaceId) -> Result<Blockers, StoreError>;

    /// Up to `limit` closing workspaces after `after`, by id, whose recovery is not scheduled or was set aside.
    /// Includes workspaces whose row is otherwise corrupt.
    async fn unscheduled_closings(
        &self,
        after: Option<WorkspaceId>,
        limit: u32,
    ) -> Result<Vec<WorkspaceId>, StoreError>;
}

/// The billing switches inside a transaction.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait SwitchRepository: Send {
    /// Locks the workspace until the transaction ends and returns its switch; [`BillingSwitch::Disabled`] for an
    /// unknown one. Nothing may be written before: a lock that another process holds is waited for outside the
    /// transaction, and after 5 seconds it is [`StoreError::Unavailable`].
    ///
    /// Call it before any change of the switch and before anything that makes someone chargeable: it keeps checkouts
    /// from starting while billing is being disabled.
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

    /// The blockers of disabling that this transaction sees.
    async fn blockers(&mut self, workspace: &WorkspaceId) -> Result<Blockers, StoreError>;
}
