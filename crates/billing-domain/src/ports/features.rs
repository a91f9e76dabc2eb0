use async_trait::async_trait;

use super::{Counted, Edge, Part, SearchText, StoreError};
use crate::{AppId, Feature, FeatureId, FeatureKey, Version, WorkspaceId};

/// The features of a list. A search looks at the newest [`SCANNED`](super::SCANNED) features of the list only, so
/// that its time is bounded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FeatureFilter {
    /// Features with this in their name or key.
    pub search: Option<SearchText>,
}

impl FeatureFilter {
    /// Whether the features have to be looked at one by one.
    #[must_use]
    pub fn is_scan(&self) -> bool {
        self.search.is_some()
    }
}

/// Reads the features of an app. An unknown app or workspace has none.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait FeatureReader: Send + Sync {
    /// Up to `limit` features, newest first.
    async fn features(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        filter: &FeatureFilter,
        edge: Edge<FeatureId>,
        limit: u32,
    ) -> Result<Part<Feature>, StoreError>;

    /// The number of these features, and of those that are newer than the feature `than`.
    async fn count_features(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        filter: &FeatureFilter,
        than: Option<FeatureId>,
    ) -> Result<Counted, StoreError>;

    /// One feature.
    async fn feature(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        key: &FeatureKey,
    ) -> Result<Option<Feature>, StoreError>;
}

/// The features inside a transaction, of a workspace that was [locked](super::SwitchRepository::lock_workspace).
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait FeatureRepository: Send {
    /// One feature.
    async fn feature_to_change(
        &mut self,
        workspace: &WorkspaceId,
        app: &AppId,
        key: &FeatureKey,
    ) -> Result<Option<Feature>, StoreError>;

    /// Adds a feature.
    ///
    /// Must fail with [`StoreError::Conflict`] when its key is taken in the app.
    async fn insert_feature(&mut self, feature: &Feature) -> Result<(), StoreError>;

    /// Saves a feature over the version that was loaded.
    ///
    /// Must fail with [`StoreError::Conflict`] when the stored version is another one.
    async fn save_feature(&mut self, feature: &Feature, loaded: Version) -> Result<(), StoreError>;

    /// Deletes a feature that is attached to no plan.
    ///
    /// Must fail with [`StoreError::Conflict`] when the stored version is another one.
    async fn delete_feature(&mut self, feature: &Feature) -> Result<(), StoreError>;
}
