use std::fmt;

use billing_domain::ports::{BillingStore, StoreError, UnitOfWork};
use billing_domain::{AppId, WorkspaceId};

use crate::page::InvalidCursor;

/// What was asked for and is not there. What belongs to somebody else is not there either (invariant I7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absent {
    /// The app.
    App,
    /// The plan.
    Plan,
    /// The price.
    Price,
    /// The feature.
    Feature,
}

impl fmt::Display for Absent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::App => "There is no such app in this workspace.",
            Self::Plan => "There is no such plan in this app.",
            Self::Price => "This plan has no such price.",
            Self::Feature => "There is no such feature in this app.",
        })
    }
}

/// Why the catalog of an app cannot be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// Billing is off.
    #[error("Billing is not enabled in this workspace.")]
    NotEnabled,
    /// Something of what was asked for is not there.
    #[error("{0}")]
    NotFound(Absent),
    /// The page that was asked for is none.
    #[error(transparent)]
    InvalidCursor(#[from] InvalidCursor),
    /// The store could not.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Passes while the workspace's billing is on.
pub(super) async fn require_open(
    store: &dyn BillingStore,
    workspace: &WorkspaceId,
) -> Result<(), CatalogError> {
    if store.billing_switch(workspace).await?.is_on() { Ok(()) } else { Err(CatalogError::NotEnabled) }
}

/// Passes when the app is there.
pub(super) async fn require_app(
    store: &dyn BillingStore,
    workspace: &WorkspaceId,
    app: &AppId,
) -> Result<(), CatalogError> {
    match store.app(workspace, app).await? {
        Some(_) => Ok(()),
        None => Err(CatalogError::NotFound(Absent::App)),
    }
}

/// Passes, inside a transaction, when the app is there and its workspace's billing is on, which it stays until the
/// transaction ends.
pub(super) async fn lock_catalog(
    work: &mut dyn UnitOfWork,
    workspace: &WorkspaceId,
    app: &AppId,
) -> Result<(), CatalogError> {
    if !work.lock_workspace(workspace).await?.switch.is_on() {
        return Err(CatalogError::NotEnabled);
    }
    match work.app_to_change(workspace, app).await? {
        Some(_) => Ok(()),
        None => Err(CatalogError::NotFound(Absent::App)),
    }
}
