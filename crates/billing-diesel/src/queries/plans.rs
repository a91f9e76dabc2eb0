use billing_domain::ports::{
    Counted, Edge, Part, PlanFilter, PlanReader, PlanRepository, SCANNED, StoreError,
};
use billing_domain::{
    AppId, Feature, PayerKind, Plan, PlanDetails, PlanId, PlanKey, PlanOffer, Price, PriceId, Timestamp,
    Version, WorkspaceId,
};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::dialect::{self, Backend, Conn, is_like};
use super::lists::{self, Beyond, Count, First};
use super::schema::{plan_features, plans};
use super::store::DieselBillingStore;
use super::unit_of_work::DieselUnitOfWork;
use super::{attachments, catalogs, plan_offers, prices};
use crate::error::store_error;
use crate::row::{Row, written};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = plans, check_for_backend(Backend), treat_none_as_default_value = false)]
struct PlanRow {
    workspace_id: String,
    plan_id: String,
    app_id: String,
    plan_key: String,
    payer_kind: String,
    name: String,
    description: Option<String>,
    trial_days: i64,
    visibility: String,
    is_default: bool,
    archived_at: Option<Timestamp>,
    version: i64,
    created_at: Timestamp,
}

impl PlanRow {
    fn new(plan: &Plan) -> Self {
        Self {
            workspace_id: plan.workspace_id.to_string(),
            plan_id: plan.id.to_string(),
            app_id: plan.app_id.to_string(),
            plan_key: plan.key.to_string(),
            payer_kind: plan.payer_kind.to_string(),
            name: plan.details.name.to_string(),
            description: plan.details.description.clone().map(String::from),
            trial_days: plan.details.trial_days.days().into(),
            visibility: plan.details.visibility.to_string(),
            is_default: plan.details.is_default,
            archived_at: plan.archived_at,
            version: plan.version.number().into(),
            created_at: plan.created_at,
        }
    }

    fn into_domain(self) -> Result<Plan, StoreError> {
        let row = Row { table: "plans", key: &self.plan_id };
        let trial_days = u32::try_from(self.trial_days).map_err(|_| row.corrupt("trial_days"))?;
        Ok(Plan {
            id: row.read("plan_id", self.plan_id.as_str())?,
            workspace_id: row.read("workspace_id", self.workspace_id.as_str())?,
            app_id: row.read("app_id", self.app_id.as_str())?,
            key: row.read("plan_key", self.plan_key.as_str())?,
            payer_kind: row.read("payer_kind", self.payer_kind.as_str())?,
            details: PlanDetails {
                name: row.read("name", self.name.as_str())?,
                description: row.read("description", self.description.clone())?,
                trial_days: row.read("trial_days", trial_days)?,
                visibility: row.read("visibility", self.visibility.as_str())?,
                is_default: self.is_default,
            },
            archived_at: self.archived_at,
            version: row.version(self.version)?,
            created_at: self.created_at,
        })
    }
}

fn into_plans(rows: QueryResult<Vec<PlanRow>>) -> Result<Vec<Plan>, StoreError> {
    rows.map_err(store_error)?.into_iter().map(PlanRow::into_domain).collect()
}

fn into_plan(row: QueryResult<PlanRow>) -> Result<Option<Plan>, StoreError> {
    row.optional().map_err(store_error)?.map(PlanRow::into_domain).transpose()
}

/// All plans of a list. Archived plans and the others have an index each.
fn unfiltered<'a>(
    workspace: &'a WorkspaceId,
    app: &'a AppId,
    archived: bool,
) -> plans::BoxedQuery<'a, Backend> {
    let list = plans::table
        .filter(plans::workspace_id.eq(workspace.as_str()))
        .filter(plans::app_id.eq(app.as_str()))
        .into_boxed();
    if archived {
        list.filter(plans::archived_at.is_not_null())
    } else {
        list.filter(plans::archived_at.is_null())
    }
}

/// The newest plan that is too old for the filter to look at.
async fn beyond(
    conn: &mut Conn,
    workspace: &WorkspaceId,
    app: &AppId,
    filter: &PlanFilter,
) -> Result<Option<String>, StoreError> {
    if !filter.is_scan() {
        return Ok(None);
    }
    let newest_first = unfiltered(workspace, app, filter.archived).order(plans::plan_id.desc());
    Beyond(newest_first.select(plans::plan_id), SCANNED)
        .get_result(conn)
        .await
        .optional()
        .map_err(store_error)
}

/// The plans of a list.
fn listed<'a>(
    workspace: &'a WorkspaceId,
    app: &'a AppId,
    filter: &PlanFilter,
    beyond: Option<&str>,
) -> plans::BoxedQuery<'a, Backend> {
    let mut list = unfiltered(workspace, app, filter.archived);
    if let Some(plan) = beyond {
        list = list.filter(plans::plan_id.gt(plan.to_owned()));
    }
    if let Some(text) = &filter.search {
        let pattern = lists::pattern(text);
        list = list.filter(is_like(plans::name, pattern.clone()).or(is_like(plans::plan_key, pattern)));
    }
    if let Some(payer_kind) = filter.payer_kind {
        list = list.filter(plans::payer_kind.eq(payer_kind.as_str()));
    }
    list
}

pub(super) async fn list(
    conn: &mut Conn,
    workspace: &WorkspaceId,
    app: &AppId,
    filter: &PlanFilter,
    edge: Edge<PlanId>,
    limit: u32,
) -> Result<Part<Plan>, StoreError> {
    let beyond = beyond(conn, workspace, app, filter).await?;
    let list = lists::part(listed(workspace, app, filter, beyond.as_deref()), plans::plan_id, edge);
    let rows = First::new(limit, list.select(PlanRow::as_select())).load(conn).await;
    let mut items = into_plans(rows)?;
    if let Edge::NewerThan(_) = edge {
        items.reverse();
    }
    Ok(Part { items, is_cut: beyond.is_some(), counted: None })
}

pub(super) async fn one(
    conn: &mut Conn,
    workspace: &WorkspaceId,
    app: &AppId,
    plan: PlanId,
) -> Result<Option<Plan>, StoreError> {
    let row = plans::table
        .find((workspace.as_str(), plan.to_string()))
        .filter(plans::app_id.eq(app.as_str()))
        .select(PlanRow::as_select())
        .get_result(conn)
        .await;
    into_plan(row)
}

async fn with_feature(conn: &mut Conn, feature: &Feature, limit: u32) -> Result<Vec<Plan>, StoreError> {
    let of_the_plan =
        plan_features::workspace_id.eq(plans::workspace_id).and(plan_features::plan_id.eq(plans::plan_id));
    let rows = plans::table
        .inner_join(plan_features::table.on(of_the_plan))
        .filter(plan_features::workspace_id.eq(feature.workspace_id.as_str()))
        .filter(plan_features::feature_id.eq(feature.id.to_string()))
        .filter(plan_features::app_id.eq(feature.app_id.as_str()))
        .order(plan_features::plan_id.desc())
        .limit(limit.into())
        .select(PlanRow::as_select())
        .load(conn)
        .await;
    into_plans(rows)
}

async fn default_of(
    conn: &mut Conn,
    workspace: &WorkspaceId,
    app: &AppId,
    payer_kind: PayerKind,
) -> Result<Option<Plan>, StoreError> {
    let row = plans::table
        .filter(plans::workspace_id.eq(workspace.as_str()))
        .filter(plans::app_id.eq(app.as_str()))
        .filter(plans::payer_kind.eq(payer_kind.as_str()))
        .filter(plans::is_default)
        .select(PlanRow::as_select())
        .get_result(conn)
        .await;
    into_plan(row)
}

#[async_trait::async_trait]
impl PlanReader for DieselBillingStore {
    async fn plans(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        filter: &PlanFilter,
        edge: Edge<PlanId>,
        limit: u32,
    ) -> Result<Part<PlanOffer>, StoreError> {
        if let Some(catalog) = self.catalog(workspace, app).await? {
            return Ok(catalog.plans(filter, edge, limit));
        }
        let reading = async {
            plan_offers::list(&mut *self.reader(workspace).await?, workspace, app, filter, edge, limit).await
        };
        dialect::scanning(filter.is_scan(), reading).await
    }

    async fn count_plans(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        filter: &PlanFilter,
        than: Option<PlanId>,
    ) -> Result<Counted, StoreError> {
        let reading = async {
            let conn = &mut *self.reader(workspace).await?;
            let beyond = beyond(conn, workspace, app, filter).await?;
            let list = || listed(workspace, app, filter, beyond.as_deref()).select(plans::plan_id);
            Count::of(list, plans::plan_id, than).read(conn, beyond.is_some()).await
        };
        dialect::scanning(filter.is_scan(), reading).await
    }

    async fn plan(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        plan: PlanId,
    ) -> Result<Option<PlanOffer>, StoreError> {
        if let Some(catalog) = self.catalog(workspace, app).await? {
            return Ok(catalog.plan(plan));
        }
        plan_offers::one(&mut *self.reader(workspace).await?, workspace, app, plan).await
    }

    async fn default_offer(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        payer_kind: PayerKind,
    ) -> Result<Option<PlanOffer>, StoreError> {
        let default = default_of(&mut *self.reader(workspace).await?, workspace, app, payer_kind).await?;
        match default {
            Some(plan) => self.plan(workspace, app, plan.id).await,
            None => Ok(None),
        }
    }

    async fn plans_including(&self, feature: &Feature, limit: u32) -> Result<Vec<Plan>, StoreError> {
        with_feature(&mut *self.reader(&feature.workspace_id).await?, feature, limit).await
    }
}

#[async_trait::async_trait]
impl PlanRepository for DieselUnitOfWork {
    async fn plan_to_change(
        &mut self,
        workspace: &WorkspaceId,
        app: &AppId,
        plan: PlanId,
    ) -> Result<Option<PlanOffer>, StoreError> {
        plan_offers::one(self.conn()?, workspace, app, plan).await
    }

    async fn sold_plan_with_key(
        &mut self,
        workspace: &WorkspaceId,
        app: &AppId,
        key: &PlanKey,
    ) -> Result<Option<Plan>, StoreError> {
        let row = plans::table
            .filter(plans::workspace_id.eq(workspace.as_str()))
            .filter(plans::app_id.eq(app.as_str()))
            .filter(plans::plan_key.eq(key.as_str()))
            .filter(plans::archived_at.is_null())
            .select(PlanRow::as_select())
            .get_result(self.conn()?)
            .await;
        into_plan(row)
    }

    async fn plan_of_price(
        &mut self,
        workspace: &WorkspaceId,
        price: PriceId,
    ) -> Result<Option<PlanId>, StoreError> {
        prices::plan_of(self.conn()?, workspace, price).await
    }

    async fn default_plan(
        &mut self,
        workspace: &WorkspaceId,
        app: &AppId,
        payer_kind: PayerKind,
    ) -> Result<Option<Plan>, StoreError> {
        default_of(self.conn()?, workspace, app, payer_kind).await
    }

    async fn plans_with_feature(&mut self, feature: &Feature, limit: u32) -> Result<Vec<Plan>, StoreError> {
        with_feature(self.conn()?, feature, limit).await
    }

    async fn insert_plan(&mut self, plan: &Plan) -> Result<(), StoreError> {
        let (row, conn) = (PlanRow::new(plan), self.conn()?);
        diesel::insert_into(plans::table).values(row).execute(conn).await.map_err(store_error)?;
        catalogs::count_change(conn, &plan.workspace_id, &plan.app_id).await
    }

    async fn save_plan(&mut self, plan: &Plan, loaded: Version) -> Result<(), StoreError> {
        let (saved, conn) = (PlanRow::new(plan), self.conn()?);
        let updated = diesel::update(plans::table.find((&saved.workspace_id, &saved.plan_id)))
            .filter(plans::app_id.eq(&saved.app_id))
            .filter(plans::version.eq(i64::from(loaded.number())))
            .set((
                plans::name.eq(&saved.name),
                plans::description.eq(&saved.description),
                plans::trial_days.eq(saved.trial_days),
                plans::visibility.eq(&saved.visibility),
                plans::is_default.eq(saved.is_default),
                plans::archived_at.eq(saved.archived_at),
                plans::version.eq(saved.version),
            ))
            .execute(conn)
            .await
            .map_err(store_error)?;
        written(updated)?;
        catalogs::count_change(conn, &plan.workspace_id, &plan.app_id).await
    }

    async fn insert_price(&mut self, workspace: &WorkspaceId, price: &Price) -> Result<(), StoreError> {
        prices::insert(self.conn()?, workspace, price).await
    }

    async fn save_price(&mut self, workspace: &WorkspaceId, price: &Price) -> Result<(), StoreError> {
        prices::save(self.conn()?, workspace, price).await
    }

    async fn attach_feature(&mut self, plan: &Plan, feature: &Feature) -> Result<(), StoreError> {
        attachments::attach(self.conn()?, plan, feature).await
    }

    async fn detach_feature(&mut self, plan: &Plan, feature: &Feature) -> Result<(), StoreError> {
        attachments::detach(self.conn()?, plan, feature).await
    }
}
