use std::sync::Arc;

use billing_domain::ports::{Edge, FeatureFilter, PlanFilter, StoreError};
use billing_domain::{AppId, PlanId, WorkspaceId};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::dialect::{self, Conn};
use super::schema::{apps, plans};
use super::store::DieselBillingStore;
use super::{features, plan_offers};
use crate::catalogs::Catalog;
use crate::error::store_error;

/// The number of plans or features that are read into memory by one statement.
const AT_ONCE: u32 = 500;

/// Counts a change of the app's catalog. Every write of a plan, price, feature or attachment does, in its transaction.
pub(super) async fn count_change(
    conn: &mut Conn,
    workspace: &WorkspaceId,
    app: &AppId,
) -> Result<(), StoreError> {
    diesel::update(apps::table.find((workspace.as_str(), app.as_str())))
        .set(apps::catalog_revision.eq(apps::catalog_revision + 1))
        .execute(conn)
        .await
        .map_err(store_error)?;
    Ok(())
}

/// [`count_change`] for the app of a plan.
pub(super) async fn count_change_of_plan(
    conn: &mut Conn,
    workspace: &WorkspaceId,
    plan: PlanId,
) -> Result<(), StoreError> {
    let app = plans::table.find((workspace.as_str(), plan.to_string())).select(plans::app_id);
    diesel::update(apps::table.filter(apps::workspace_id.eq(workspace.as_str())))
        .filter(apps::app_id.eq_any(app))
        .set(apps::catalog_revision.eq(apps::catalog_revision + 1))
        .execute(conn)
        .await
        .map_err(store_error)?;
    Ok(())
}

async fn revision(conn: &mut Conn, workspace: &WorkspaceId, app: &AppId) -> Result<Option<i64>, StoreError> {
    let app = apps::table.find((workspace.as_str(), app.as_str()));
    app.select(apps::catalog_revision).get_result(conn).await.optional().map_err(store_error)
}

impl DieselBillingStore {
    /// The catalog of an app from memory, as new as the database; `None` if only SQL can answer.
    pub(super) async fn catalog(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
    ) -> Result<Option<Arc<Catalog>>, StoreError> {
        let key = (workspace.clone(), app.clone());
        let revision = || async { revision(&mut *self.reader(workspace).await?, workspace, app).await };
        let read = |room| dialect::scanning(true, self.read_catalog(workspace, app, room));
        self.catalogs.catalog(&key, revision, read).await
    }

    /// `None` if it is larger than `room`, or if a row is corrupt, for which only the lists that show it fail.
    async fn read_catalog(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        room: usize,
    ) -> Result<Option<Catalog>, StoreError> {
        match self.read_whole_catalog(workspace, app, room).await {
            Err(StoreError::Corrupt { .. }) => Ok(None),
            read => read,
        }
    }

    /// Takes a connection for each part, so that nobody waits long for one.
    async fn read_whole_catalog(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        room: usize,
    ) -> Result<Option<Catalog>, StoreError> {
        let mut catalog = Catalog::default();
        for archived in [false, true] {
            let filter = PlanFilter { archived, ..PlanFilter::default() };
            let mut next = Some(Edge::Newest);
            while let Some(edge) = next {
                let conn = &mut *self.reader(workspace).await?;
                let plans = plan_offers::list(conn, workspace, app, &filter, edge, AT_ONCE).await?.items;
                next = full(&plans).map(|last| Edge::OlderThan(last.plan.id));
                catalog.add_plans(archived, plans);
                if catalog.size() > room {
                    return Ok(None);
                }
            }
        }
        let mut next = Some(Edge::Newest);
        while let Some(edge) = next {
            let conn = &mut *self.reader(workspace).await?;
            let all = FeatureFilter::default();
            let features = features::list(conn, workspace, app, &all, edge, AT_ONCE).await?.items;
            next = full(&features).map(|last| Edge::OlderThan(last.id));
            catalog.add_features(features);
            if catalog.size() > room {
                return Ok(None);
            }
        }
        Ok(Some(catalog))
    }
}

/// The last item of a part that may not be the last one.
fn full<T>(part: &[T]) -> Option<&T> {
    part.last().filter(|_| part.len() >= AT_ONCE as usize)
}
