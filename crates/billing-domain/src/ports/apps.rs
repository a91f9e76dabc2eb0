use async_trait::async_trait;

use super::StoreError;
use crate::{App, AppId, Timestamp, Version, WorkspaceId};

/// Reads the apps of a workspace.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait AppReader: Send + Sync {
    /// Up to `limit` apps after `after`, newest first, then by descending id.
    async fn apps(
        &self,
        workspace: &WorkspaceId,
        after: Option<(Timestamp, AppId)>,
        limit: u32,
    ) -> Result<Vec<App>, StoreError>;

    /// One app.
    async fn app(&self, workspace: &WorkspaceId, app: &AppId) -> Result<Option<App>, StoreError>;
}

/// The apps of a workspace that was [locked](super::SwitchRepository::lock_workspace).
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait AppRepository: Send {
    /// One app.
    async fn app_to_change(
        &mut self,
        workspace: &WorkspaceId,
        app: &AppId,
    ) -> Result<Option<App>, StoreError>;

    /// Adds an app with its environments.
    ///
    /// Must fail with [`StoreError::Conflict`] when an id is taken.
    async fn insert_app(&mut self, app: &App) -> Result<(), StoreError>;

    /// Saves the details of an app over the version that was loaded.
    ///
    /// Must fail with [`StoreError::Conflict`] when the stored version is another one.
    async fn save_app(&mut self, app: &App, loaded: Version) -> Result<(), StoreError>;
}
