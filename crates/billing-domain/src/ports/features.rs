use async_trait::async_trait;

use super::StoreError;
use crate::{AppId, Feature, FeatureId, FeatureKey, Version, WorkspaceId};

/// Reads the features of an app. An unknown app or workspace has none.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait FeatureReader: Send + Sync {
    /// Up to `limit` features, newest first, made before `before`.
    async fn features(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        before: Option<FeatureId>,
        limit: u32,
    ) -> Result<Vec<Feature>, StoreError>;

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
