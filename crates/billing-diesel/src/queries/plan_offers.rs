use std::collections::HashMap;

use billing_domain::ports::{Edge, Part, PlanFilter, StoreError};
use billing_domain::{AppId, Feature, Plan, PlanId, PlanOffer, Price, WorkspaceId};

use super::dialect::Conn;
use super::{attachments, plans, prices};

pub(super) async fn list(
    conn: &mut Conn,
    workspace: &WorkspaceId,
    app: &AppId,
    filter: &PlanFilter,
    edge: Edge<PlanId>,
    limit: u32,
) -> Result<Part<PlanOffer>, StoreError> {
    let Part { items, is_cut, counted } = plans::list(conn, workspace, app, filter, edge, limit).await?;
    Ok(Part { items: offers(conn, workspace, items).await?, is_cut, counted })
}

pub(super) async fn one(
    conn: &mut Conn,
    workspace: &WorkspaceId,
    app: &AppId,
    plan: PlanId,
) -> Result<Option<PlanOffer>, StoreError> {
    let plan = plans::one(conn, workspace, app, plan).await?;
    Ok(offers(conn, workspace, plan.into_iter().collect()).await?.pop())
}

/// Reads the plans first: after a concurrent change their version is too old to save over, never too new.
async fn offers(
    conn: &mut Conn,
    workspace: &WorkspaceId,
    plans: Vec<Plan>,
) -> Result<Vec<PlanOffer>, StoreError> {
    if plans.is_empty() {
        return Ok(Vec::new());
    }
    let mut prices_by_plan: HashMap<PlanId, Vec<Price>> = HashMap::new();
    for price in prices::of_plans(conn, workspace, &plans).await? {
        prices_by_plan.entry(price.plan_id).or_default().push(price);
    }
    let mut features_by_plan: HashMap<PlanId, Vec<Feature>> = HashMap::new();
    for (plan, feature) in attachments::of_plans(conn, workspace, &plans).await? {
        features_by_plan.entry(plan).or_default().push(feature);
    }
    let offer = |plan: Plan| PlanOffer {
        prices: prices_by_plan.remove(&plan.id).unwrap_or_default(),
        features: features_by_plan.remove(&plan.id).unwrap_or_default(),
        plan,
    };
    Ok(plans.into_iter().map(offer).collect())
}
