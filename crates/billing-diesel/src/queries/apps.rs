use std::collections::HashMap;

use billing_domain::ports::{AppReader, AppRepository, StoreError};
use billing_domain::{App, AppDetails, AppId, Environment, Timestamp, Version, WorkspaceId};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::dialect::{Backend, Conn};
use super::schema::{apps, environments};
use super::store::DieselBillingStore;
use super::unit_of_work::DieselUnitOfWork;
use crate::error::store_error;
use crate::row::{Row, to_json, written};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = apps, check_for_backend(Backend))]
struct AppRow {
    workspace_id: String,
    app_id: String,
    name: String,
    allowed_redirect_origins: String,
    version: i64,
    created_at: Timestamp,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = environments, check_for_backend(Backend))]
struct EnvironmentRow {
    workspace_id: String,
    environment_id: String,
    app_id: String,
    kind: String,
}

impl AppRow {
    fn new(app: &App) -> Result<Self, StoreError> {
        Ok(Self {
            workspace_id: app.workspace_id.to_string(),
            app_id: app.id.to_string(),
            name: app.details.name.to_string(),
            allowed_redirect_origins: to_json(&app.details.allowed_redirect_origins)?,
            version: app.version.number().into(),
            created_at: app.created_at,
        })
    }

    fn into_domain(self, environments: Vec<Environment>) -> Result<App, StoreError> {
        let row = Row { table: "apps", key: &self.app_id };
        Ok(App {
            id: row.read("app_id", self.app_id.as_str())?,
            workspace_id: row.read("workspace_id", self.workspace_id.as_str())?,
            details: AppDetails {
                name: row.read("name", self.name.as_str())?,
                allowed_redirect_origins: row
                    .json("allowed_redirect_origins", &self.allowed_redirect_origins)?,
            },
            environments,
            version: row.version(self.version)?,
            created_at: self.created_at,
        })
    }
}

impl EnvironmentRow {
    fn new(app: &App, environment: &Environment) -> Self {
        Self {
            workspace_id: app.workspace_id.to_string(),
            environment_id: environment.id.to_string(),
            app_id: app.id.to_string(),
            kind: environment.kind.as_str().to_owned(),
        }
    }

    fn to_domain(&self) -> Result<Environment, StoreError> {
        let row = Row { table: "environments", key: &self.environment_id };
        Ok(Environment {
            id: row.read("environment_id", self.environment_id.as_str())?,
            kind: row.read("kind", self.kind.as_str())?,
        })
    }
}

async fn list(
    conn: &mut Conn,
    workspace: &WorkspaceId,
    after: Option<(Timestamp, AppId)>,
    limit: u32,
) -> Result<Vec<App>, StoreError> {
    let mut query = apps::table
        .filter(apps::workspace_id.eq(workspace.as_str()))
        .order((apps::created_at.desc(), apps::app_id.desc()))
        .limit(limit.into())
        .select(AppRow::as_select())
        .into_boxed();
    if let Some((moment, id)) = after {
        // In two parts, so that an index serves the first.
        query = query
            .filter(apps::created_at.le(moment))
            .filter(apps::created_at.lt(moment).or(apps::app_id.lt(String::from(id))));
    }
    let rows: Vec<AppRow> = query.load(conn).await.map_err(store_error)?;
    with_environments(conn, workspace, rows).await
}

async fn one(conn: &mut Conn, workspace: &WorkspaceId, app: &AppId) -> Result<Option<App>, StoreError> {
    let row: Option<AppRow> = apps::table
        .find((workspace.as_str(), app.as_str()))
        .select(AppRow::as_select())
        .get_result(conn)
        .await
        .optional()
        .map_err(store_error)?;
    Ok(with_environments(conn, workspace, row.into_iter().collect()).await?.pop())
}

async fn with_environments(
    conn: &mut Conn,
    workspace: &WorkspaceId,
    apps: Vec<AppRow>,
) -> Result<Vec<App>, StoreError> {
    if apps.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<EnvironmentRow> = environments::table
        .filter(environments::workspace_id.eq(workspace.as_str()))
        .filter(environments::app_id.eq_any(apps.iter().map(|app| &app.app_id)))
        .order((environments::kind, environments::environment_id))
        .select(EnvironmentRow::as_select())
        .load(conn)
        .await
        .map_err(store_error)?;
    let mut by_app: HashMap<String, Vec<Environment>> = HashMap::new();
    for row in rows {
        let environment = row.to_domain()?;
        by_app.entry(row.app_id).or_default().push(environment);
    }
    apps.into_iter()
        .map(|app| {
            let environments = by_app.remove(&app.app_id).unwrap_or_default();
            app.into_domain(environments)
        })
        .collect()
}

#[async_trait::async_trait]
impl AppReader for DieselBillingStore {
    async fn apps(
        &self,
        workspace: &WorkspaceId,
        after: Option<(Timestamp, AppId)>,
        limit: u32,
    ) -> Result<Vec<App>, StoreError> {
        list(&mut *self.reader(workspace).await?, workspace, after, limit).await
    }

    async fn app(&self, workspace: &WorkspaceId, app: &AppId) -> Result<Option<App>, StoreError> {
        one(&mut *self.reader(workspace).await?, workspace, app).await
    }
}

#[async_trait::async_trait]
impl AppRepository for DieselUnitOfWork {
    async fn app_to_change(
        &mut self,
        workspace: &WorkspaceId,
        app: &AppId,
    ) -> Result<Option<App>, StoreError> {
        one(self.conn()?, workspace, app).await
    }

    async fn insert_app(&mut self, app: &App) -> Result<(), StoreError> {
        let conn = self.conn()?;
        diesel::insert_into(apps::table)
            .values(AppRow::new(app)?)
            .execute(conn)
            .await
            .map_err(store_error)?;
        for environment in &app.environments {
            diesel::insert_into(environments::table)
                .values(EnvironmentRow::new(app, environment))
                .execute(conn)
                .await
                .map_err(store_error)?;
        }
        Ok(())
    }

    async fn save_app(&mut self, app: &App, loaded: Version) -> Result<(), StoreError> {
        let saved = AppRow::new(app)?;
        let updated = diesel::update(apps::table.find((&saved.workspace_id, &saved.app_id)))
            .filter(apps::version.eq(i64::from(loaded.number())))
            .set((
                apps::name.eq(&saved.name),
                apps::allowed_redirect_origins.eq(&saved.allowed_redirect_origins),
                apps::version.eq(saved.version),
            ))
            .execute(self.conn()?)
            .await
            .map_err(store_error)?;
        written(updated)
    }
}
