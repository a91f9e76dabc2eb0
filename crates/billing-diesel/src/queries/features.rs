use billing_domain::ports::{
    Counted, Edge, FeatureFilter, FeatureReader, FeatureRepository, Part, SCANNED, StoreError,
};
use billing_domain::{
    AppId, Feature, FeatureDetails, FeatureId, FeatureKey, Timestamp, Version, WorkspaceId,
};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::catalogs;
use super::dialect::{self, Backend, Conn, is_like};
use super::lists::{self, Beyond, Count, First};
use super::schema::features;
use super::store::DieselBillingStore;
use super::unit_of_work::DieselUnitOfWork;
use crate::error::store_error;
use crate::row::{Row, written};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = features, check_for_backend(Backend), treat_none_as_default_value = false)]
pub(super) struct FeatureRow {
    workspace_id: String,
    feature_id: String,
    app_id: String,
    feature_key: String,
    name: String,
    description: Option<String>,
    version: i64,
    created_at: Timestamp,
}

impl FeatureRow {
    fn new(feature: &Feature) -> Self {
        Self {
            workspace_id: feature.workspace_id.to_string(),
            feature_id: feature.id.to_string(),
            app_id: feature.app_id.to_string(),
            feature_key: feature.key.to_string(),
            name: feature.details.name.to_string(),
            description: feature.details.description.clone().map(String::from),
            version: feature.version.number().into(),
            created_at: feature.created_at,
        }
    }

    pub(super) fn into_domain(self) -> Result<Feature, StoreError> {
        let row = Row { table: "features", key: &self.feature_id };
        Ok(Feature {
            id: row.read("feature_id", self.feature_id.as_str())?,
            workspace_id: row.read("workspace_id", self.workspace_id.as_str())?,
            app_id: row.read("app_id", self.app_id.as_str())?,
            key: row.read("feature_key", self.feature_key.as_str())?,
            details: FeatureDetails {
                name: row.read("name", self.name.as_str())?,
                description: row.read("description", self.description.clone())?,
            },
            version: row.version(self.version)?,
            created_at: self.created_at,
        })
    }
}

/// All features of a list.
fn unfiltered<'a>(workspace: &'a WorkspaceId, app: &'a AppId) -> features::BoxedQuery<'a, Backend> {
    features::table
        .filter(features::workspace_id.eq(workspace.as_str()))
        .filter(features::app_id.eq(app.as_str()))
        .into_boxed()
}

/// The newest feature that is too old for the filter to look at.
async fn beyond(
    conn: &mut Conn,
    workspace: &WorkspaceId,
    app: &AppId,
    filter: &FeatureFilter,
) -> Result<Option<String>, StoreError> {
    if !filter.is_scan() {
        return Ok(None);
    }
    let newest_first = unfiltered(workspace, app).order(features::feature_id.desc());
    Beyond(newest_first.select(features::feature_id), SCANNED)
        .get_result(conn)
        .await
        .optional()
        .map_err(store_error)
}

/// The features of a list.
fn listed<'a>(
    workspace: &'a WorkspaceId,
    app: &'a AppId,
    filter: &FeatureFilter,
    beyond: Option<&str>,
) -> features::BoxedQuery<'a, Backend> {
    let mut list = unfiltered(workspace, app);
    if let Some(feature) = beyond {
        list = list.filter(features::feature_id.gt(feature.to_owned()));
    }
    if let Some(text) = &filter.search {
        let pattern = lists::pattern(text);
        list =
            list.filter(is_like(features::name, pattern.clone()).or(is_like(features::feature_key, pattern)));
    }
    list
}

pub(super) async fn list(
    conn: &mut Conn,
    workspace: &WorkspaceId,
    app: &AppId,
    filter: &FeatureFilter,
    edge: Edge<FeatureId>,
    limit: u32,
) -> Result<Part<Feature>, StoreError> {
    let beyond = beyond(conn, workspace, app, filter).await?;
    let list = lists::part(listed(workspace, app, filter, beyond.as_deref()), features::feature_id, edge);
    let list = First::new(limit, list.select(FeatureRow::as_select()));
    let mut rows: Vec<FeatureRow> = list.load(conn).await.map_err(store_error)?;
    if let Edge::NewerThan(_) = edge {
        rows.reverse();
    }
    let items = rows.into_iter().map(FeatureRow::into_domain).collect::<Result<_, _>>()?;
    Ok(Part { items, is_cut: beyond.is_some(), counted: None })
}

async fn with_key(
    conn: &mut Conn,
    workspace: &WorkspaceId,
    app: &AppId,
    key: &FeatureKey,
) -> Result<Option<Feature>, StoreError> {
    let row: Option<FeatureRow> = features::table
        .filter(features::workspace_id.eq(workspace.as_str()))
        .filter(features::app_id.eq(app.as_str()))
        .filter(features::feature_key.eq(key.as_str()))
        .select(FeatureRow::as_select())
        .get_result(conn)
        .await
        .optional()
        .map_err(store_error)?;
    row.map(FeatureRow::into_domain).transpose()
}

#[async_trait::async_trait]
impl FeatureReader for DieselBillingStore {
    async fn features(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        filter: &FeatureFilter,
        edge: Edge<FeatureId>,
        limit: u32,
    ) -> Result<Part<Feature>, StoreError> {
        if let Some(catalog) = self.catalog(workspace, app).await? {
            return Ok(catalog.features(filter, edge, limit));
        }
        let reading =
            async { list(&mut *self.reader(workspace).await?, workspace, app, filter, edge, limit).await };
        dialect::scanning(filter.is_scan(), reading).await
    }

    async fn count_features(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        filter: &FeatureFilter,
        than: Option<FeatureId>,
    ) -> Result<Counted, StoreError> {
        let reading = async {
            let conn = &mut *self.reader(workspace).await?;
            let beyond = beyond(conn, workspace, app, filter).await?;
            let list = || listed(workspace, app, filter, beyond.as_deref()).select(features::feature_id);
            Count::of(list, features::feature_id, than).read(conn, beyond.is_some()).await
        };
        dialect::scanning(filter.is_scan(), reading).await
    }

    async fn feature(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        key: &FeatureKey,
    ) -> Result<Option<Feature>, StoreError> {
        with_key(&mut *self.reader(workspace).await?, workspace, app, key).await
    }
}

#[async_trait::async_trait]
impl FeatureRepository for DieselUnitOfWork {
    async fn feature_to_change(
        &mut self,
        workspace: &WorkspaceId,
        app: &AppId,
        key: &FeatureKey,
    ) -> Result<Option<Feature>, StoreError> {
        with_key(self.conn()?, workspace, app, key).await
    }

    async fn insert_feature(&mut self, feature: &Feature) -> Result<(), StoreError> {
        let (row, conn) = (FeatureRow::new(feature), self.conn()?);
        diesel::insert_into(features::table).values(row).execute(conn).await.map_err(store_error)?;
        catalogs::count_change(conn, &feature.workspace_id, &feature.app_id).await
    }

    async fn save_feature(&mut self, feature: &Feature, loaded: Version) -> Result<(), StoreError> {
        let (saved, conn) = (FeatureRow::new(feature), self.conn()?);
        let updated = diesel::update(features::table.find((&saved.workspace_id, &saved.feature_id)))
            .filter(features::app_id.eq(&saved.app_id))
            .filter(features::version.eq(i64::from(loaded.number())))
            .set((
                features::name.eq(&saved.name),
                features::description.eq(&saved.description),
                features::version.eq(saved.version),
            ))
            .execute(conn)
            .await
            .map_err(store_error)?;
        written(updated)?;
        catalogs::count_change(conn, &feature.workspace_id, &feature.app_id).await
    }

    /// Fails while a plan has the feature: a foreign key forbids it.
    async fn delete_feature(&mut self, feature: &Feature) -> Result<(), StoreError> {
        let conn = self.conn()?;
        let key = (feature.workspace_id.as_str(), feature.id.to_string());
        let deleted = diesel::delete(features::table.find(key))
            .filter(features::app_id.eq(feature.app_id.as_str()))
            .filter(features::version.eq(i64::from(feature.version.number())))
            .execute(conn)
            .await
            .map_err(store_error)?;
        written(deleted)?;
        catalogs::count_change(conn, &feature.workspace_id, &feature.app_id).await
    }
}
