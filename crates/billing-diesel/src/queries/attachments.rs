use billing_domain::ports::StoreError;
use billing_domain::{Feature, Plan, PlanId, WorkspaceId};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::catalogs;
use super::dialect::{Conn, one_of};
use super::features::FeatureRow;
use super::schema::{features, plan_features};
use crate::error::store_error;
use crate::row::{Row, written};

/// The features of these plans of one workspace with the plan ids, oldest first per plan. Ordered by plan so that
/// SQLite uses the index on plans instead of scanning the workspace.
pub(super) async fn of_plans(
    conn: &mut Conn,
    workspace: &WorkspaceId,
    plans: &[Plan],
) -> Result<Vec<(PlanId, Feature)>, StoreError> {
    let of_the_feature = plan_features::workspace_id
        .eq(features::workspace_id)
        .and(plan_features::feature_id.eq(features::feature_id));
    let rows: Vec<(String, FeatureRow)> = features::table
        .inner_join(plan_features::table.on(of_the_feature))
        .filter(plan_features::workspace_id.eq(workspace.as_str()))
        .filter(one_of("plan_features.plan_id", plans.iter().map(|plan| plan.id.to_string())))
        .order((plan_features::plan_id, plan_features::feature_id))
        .select((plan_features::plan_id, FeatureRow::as_select()))
        .load(conn)
        .await
        .map_err(store_error)?;
    rows.into_iter()
        .map(|(plan, feature)| {
            let row = Row { table: "plan_features", key: &plan };
            Ok((row.read("plan_id", plan.as_str())?, feature.into_domain()?))
        })
        .collect()
}

pub(super) async fn attach(conn: &mut Conn, plan: &Plan, feature: &Feature) -> Result<(), StoreError> {
    diesel::insert_into(plan_features::table)
        .values((
            plan_features::workspace_id.eq(plan.workspace_id.as_str()),
            plan_features::plan_id.eq(plan.id.to_string()),
            plan_features::feature_id.eq(feature.id.to_string()),
            plan_features::app_id.eq(plan.app_id.as_str()),
        ))
        .execute(conn)
        .await
        .map_err(store_error)?;
    catalogs::count_change(conn, &plan.workspace_id, &plan.app_id).await
}

pub(super) async fn detach(conn: &mut Conn, plan: &Plan, feature: &Feature) -> Result<(), StoreError> {
    let key = (plan.workspace_id.as_str(), plan.id.to_string(), feature.id.to_string());
    let deleted = diesel::delete(plan_features::table.find(key))
        .filter(plan_features::app_id.eq(plan.app_id.as_str()))
        .execute(conn)
        .await
        .map_err(store_error)?;
    written(deleted)?;
    catalogs::count_change(conn, &plan.workspace_id, &plan.app_id).await
}
