use async_trait::async_trait;

use super::{Counted, Edge, Part, SearchText, StoreError};
use crate::{App, AppId, DisplayName, EnvironmentId, Timestamp, Version, WorkspaceId};

/// The apps of a list. A search looks at the newest [`SCANNED`](super::SCANNED) apps of the list only, so
/// that its time is bounded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AppFilter {
    /// Apps with this in their name or id.
    pub search: Option<SearchText>,
}

impl AppFilter {
    /// Whether the apps have to be looked at one by one.
    #[must_use]
    pub fn is_scan(&self) -> bool {
        self.search.is_some()
    }
}

/// The place of an app in a list. The platform's ids do not sort by age.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppPosition {
    /// When the app was made.
    pub created_at: Timestamp,
    /// The app, which need not exist.
    pub id: AppId,
}

/// Reads the apps of a workspace.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait AppReader: Send + Sync {
    /// Up to `limit` apps, newest first, then by descending id.
    async fn apps(
        &self,
        workspace: &WorkspaceId,
        filter: &AppFilter,
        edge: Edge<AppPosition>,
        limit: u32,
    ) -> Result<Part<App>, StoreError>;

    /// The number of these apps, and of those before the app at `than` in the list.
    async fn count_apps(
        &self,
        workspace: &WorkspaceId,
        filter: &AppFilter,
        than: Option<AppPosition>,
    ) -> Result<Counted, StoreError>;

    /// The ids and names of up to `limit` apps, newest first, then by descending id.
    async fn app_names(
        &self,
        workspace: &WorkspaceId,
        limit: u32,
    ) -> Result<Vec<(AppId, DisplayName)>, StoreError>;

    /// The apps with these ids, in any order. An unknown id has none.
    async fn apps_with_ids(&self, workspace: &WorkspaceId, ids: &[AppId]) -> Result<Vec<App>, StoreError>;

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

    /// The app of an environment.
    async fn app_of_environment(
        &mut self,
        workspace: &WorkspaceId,
        environment: &EnvironmentId,
    ) -> Result<Option<AppId>, StoreError>;

    /// Adds an app with its environments.
    ///
    /// Must fail with [`StoreError::Conflict`] when an id is taken.
    async fn insert_app(&mut self, app: &App) -> Result<(), StoreError>;

    /// Saves the details of an app over the version that was loaded.
    ///
    /// Must fail with [`StoreError::Conflict`] when the stored version is another one.
    async fn save_app(&mut self, app: &App, loaded: Version) -> Result<(), StoreError>;
}
