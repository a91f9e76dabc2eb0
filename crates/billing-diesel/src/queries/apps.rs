use std::collections::HashMap;

use billing_domain::ports::{
    AppFilter, AppPosition, AppReader, AppRepository, Counted, Edge, Part, SCANNED, StoreError,
};
use billing_domain::{
    App, AppDetails, AppId, DisplayName, Environment, EnvironmentId, Timestamp, Version, WorkspaceId,
};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::dialect::{self, Backend, Conn, is_like, one_of};
use super::lists::{self, Beyond, Count, First};
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

/// All apps of a list.
fn unfiltered(workspace: &WorkspaceId) -> apps::BoxedQuery<'_, Backend> {
    apps::table.filter(apps::workspace_id.eq(workspace.as_str())).into_boxed()
}

/// The newest app that is too old for the filter to look at.
async fn beyond(
    conn: &mut Conn,
    workspace: &WorkspaceId,
    filter: &AppFilter,
) -> Result<Option<AppPosition>, StoreError> {
    if !filter.is_scan() {
        return Ok(None);
    }
    let newest_first = unfiltered(workspace).order((apps::created_at.desc(), apps::app_id.desc()));
    let app = Beyond(newest_first.select((apps::created_at, apps::app_id)), SCANNED).get_result(conn).await;
    let app: Option<(Timestamp, String)> = app.optional().map_err(store_error)?;
    app.map(|(created_at, id)| {
        let id = Row { table: "apps", key: &id }.read("app_id", id.as_str())?;
        Ok(AppPosition { created_at, id })
    })
    .transpose()
}

/// The apps of a list.
fn listed<'a>(
    workspace: &'a WorkspaceId,
    filter: &AppFilter,
    beyond: Option<&AppPosition>,
) -> apps::BoxedQuery<'a, Backend> {
    let mut list = unfiltered(workspace);
    if let Some(app) = beyond {
        list = before(list, app.clone());
    }
    if let Some(text) = &filter.search {
        let pattern = lists::pattern(text);
        list = list.filter(is_like(apps::name, pattern.clone()).or(is_like(apps::app_id, pattern)));
    }
    list
}

/// The apps before the place and, the second, the others. In two parts, so that an index serves the first.
fn before(list: apps::BoxedQuery<'_, Backend>, than: AppPosition) -> apps::BoxedQuery<'_, Backend> {
    let AppPosition { created_at, id } = than;
    list.filter(apps::created_at.ge(created_at))
        .filter(apps::created_at.gt(created_at).or(apps::app_id.gt(String::from(id))))
}

fn not_before(list: apps::BoxedQuery<'_, Backend>, than: AppPosition) -> apps::BoxedQuery<'_, Backend> {
    let AppPosition { created_at, id } = than;
    list.filter(apps::created_at.le(created_at))
        .filter(apps::created_at.lt(created_at).or(apps::app_id.le(String::from(id))))
}

async fn list(
    conn: &mut Conn,
    workspace: &WorkspaceId,
    filter: &AppFilter,
    edge: Edge<AppPosition>,
    limit: u32,
) -> Result<Part<App>, StoreError> {
    let beyond = beyond(conn, workspace, filter).await?;
    let list = listed(workspace, filter, beyond.as_ref());
    let newest_first = (apps::created_at.desc(), apps::app_id.desc());
    let is_reversed = matches!(edge, Edge::NewerThan(_));
    let list = match edge {
        Edge::Newest => list.order(newest_first),
        Edge::OlderThan(than) => {
            let other = apps::app_id.ne(than.id.to_string());
            not_before(list, than).filter(other).order(newest_first)
        }
        Edge::NewerThan(than) => before(list, than).order((apps::created_at, apps::app_id)),
    };
    let list = First::new(limit, list.select(AppRow::as_select()));
    let mut rows: Vec<AppRow> = list.load(conn).await.map_err(store_error)?;
    if is_reversed {
        rows.reverse();
    }
    let items = with_environments(conn, workspace, rows).await?;
    Ok(Part { items, is_cut: beyond.is_some(), counted: None })
}

async fn with_ids(conn: &mut Conn, workspace: &WorkspaceId, ids: &[AppId]) -> Result<Vec<App>, StoreError> {
    let rows = apps::table
        .filter(apps::workspace_id.eq(workspace.as_str()))
        .filter(one_of("apps.app_id", ids.iter().map(AppId::to_string)))
        .select(AppRow::as_select())
        .load(conn)
        .await
        .map_err(store_error)?;
    with_environments(conn, workspace, rows).await
}

async fn one(conn: &mut Conn, workspace: &WorkspaceId, app: &AppId) -> Result<Option<App>, StoreError> {
    let of_the_app =
        environments::workspace_id.eq(apps::workspace_id).and(environments::app_id.eq(apps::app_id));
    let rows: Vec<(AppRow, Option<EnvironmentRow>)> = apps::table
        .left_join(environments::table.on(of_the_app))
        .filter(apps::workspace_id.eq(workspace.as_str()))
        .filter(apps::app_id.eq(app.as_str()))
        .order((environments::kind, environments::environment_id))
        .select((AppRow::as_select(), Option::<EnvironmentRow>::as_select()))
        .load(conn)
        .await
        .map_err(store_error)?;
    let (mut apps, environments): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
    let environments: Vec<_> =
        environments.iter().flatten().map(EnvironmentRow::to_domain).collect::<Result<_, _>>()?;
    apps.pop().map(|app| app.into_domain(environments)).transpose()
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
        .filter(one_of("environments.app_id", apps.iter().map(|app| app.app_id.clone())))
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
        filter: &AppFilter,
        edge: Edge<AppPosition>,
        limit: u32,
    ) -> Result<Part<App>, StoreError> {
        let reading =
            async { list(&mut *self.reader(workspace).await?, workspace, filter, edge, limit).await };
        dialect::scanning(filter.is_scan(), reading).await
    }

    async fn count_apps(
        &self,
        workspace: &WorkspaceId,
        filter: &AppFilter,
        than: Option<AppPosition>,
    ) -> Result<Counted, StoreError> {
        let reading = async {
            let conn = &mut *self.reader(workspace).await?;
            let beyond = beyond(conn, workspace, filter).await?;
            let list = || listed(workspace, filter, beyond.as_ref());
            let id = apps::app_id;
            let count = match than {
                None => Count::split(None, list().select(id)),
                Some(than) => {
                    let newer = before(list(), than.clone());
                    Count::split(Some(newer.select(id)), not_before(list(), than).select(id))
                }
            };
            count.read(conn, beyond.is_some()).await
        };
        dialect::scanning(filter.is_scan(), reading).await
    }

    async fn app_names(
        &self,
        workspace: &WorkspaceId,
        limit: u32,
    ) -> Result<Vec<(AppId, DisplayName)>, StoreError> {
        let newest_first = unfiltered(workspace).order((apps::created_at.desc(), apps::app_id.desc()));
        let named = First::new(limit, newest_first.select((apps::app_id, apps::name)));
        let rows: Vec<(String, String)> =
            named.load(&mut *self.reader(workspace).await?).await.map_err(store_error)?;
        let read = |(id, name): (String, String)| {
            let row = Row { table: "apps", key: &id };
            Ok((row.read("app_id", id.as_str())?, row.read("name", name)?))
        };
        rows.into_iter().map(read).collect()
    }

    async fn apps_with_ids(&self, workspace: &WorkspaceId, ids: &[AppId]) -> Result<Vec<App>, StoreError> {
        with_ids(&mut *self.reader(workspace).await?, workspace, ids).await
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

    async fn app_of_environment(
        &mut self,
        workspace: &WorkspaceId,
        environment: &EnvironmentId,
    ) -> Result<Option<AppId>, StoreError> {
        let app: Option<String> = environments::table
            .find((workspace.as_str(), environment.as_str()))
            .select(environments::app_id)
            .get_result(self.conn()?)
            .await
            .optional()
            .map_err(store_error)?;
        let row = Row { table: "environments", key: environment.as_str() };
        app.map(|app| row.read("app_id", app)).transpose()
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
