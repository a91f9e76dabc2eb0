//! Brings the products of a plan up to date, on every account on which it was sold.

use std::convert::Infallible;

use async_trait::async_trait;
use billing_domain::ports::StoreError;
use billing_domain::{
    Actor, AppId, CallPurpose, Claim, GatewayAccountId, GatewayCall, GatewayCommand, LinkSubject, PlanId,
    WorkId, WorkKind, WorkspaceId,
};

use super::{Outcome, WorkError, Worker};
use crate::change::{Change, Decision, Gate, Tx};
use crate::refusal::Refused;

/// The work that brings a plan's products up to date.
pub(crate) fn following_of(workspace: &WorkspaceId, app: &AppId, plan: PlanId) -> WorkId {
    WorkId { workspace_id: workspace.clone(), kind: WorkKind::FollowPlan, key: format!("{app}/{plan}") }
}

/// The calls for one account: an earlier one of unknown outcome, and that with the present name.
const MOST_CALLS: usize = 2;

pub(super) async fn perform(worker: &Worker, claim: &Claim) -> Result<Outcome, WorkError> {
    let workspace = &claim.id.workspace_id;
    let (app, plan) = claim.id.key.split_once('/').ok_or(WorkError::UnknownKey)?;
    let app_id = AppId::parse(app).map_err(|_| WorkError::UnknownKey)?;
    let plan_id = PlanId::parse(plan).map_err(|_| WorkError::UnknownKey)?;
    for account in worker.ports.store.gateway_links().gateway_accounts(workspace).await? {
        for _ in 0..MOST_CALLS {
            let prepare = PrepareUpdate { app_id: app_id.clone(), plan_id, account: account.clone() };
            let prepared = worker.executor.change_as(workspace, &Actor::Recovery, &prepare).await;
            let Some(Prepared { call, is_last }) = prepared.map_err(StoreError::from)? else { break };
            worker.executor.drive(&Actor::Recovery, &call, false).await?;
            if is_last {
                break;
            }
        }
    }
    worker.complete(claim).await?;
    Ok(Outcome::Synced)
}

/// Prepares the call that gives a product the plan's present name, unless the plan has no product on the account.
struct PrepareUpdate {
    app_id: AppId,
    plan_id: PlanId,
    account: GatewayAccountId,
}

struct Prepared {
    call: GatewayCall,
    /// Whether the call has the plan's present name. An earlier one of unknown outcome comes first.
    is_last: bool,
}

#[async_trait]
impl Change for PrepareUpdate {
    const NAME: &'static str = "update_product";
    type Answer = Option<Prepared>;
    type Refusal = Infallible;

    fn gate(&self) -> Gate<'_> {
        Gate::Always
    }

    async fn decide(&self, tx: &mut Tx) -> Result<Decision<Self::Answer>, Refused<Infallible>> {
        let (workspace, account) = (tx.workspace.id.clone(), &self.account);
        let subject = LinkSubject::Product(self.plan_id);
        let product = tx.work.gateway_links().gateway_link(&workspace, account, &subject).await?;
        let offer = tx.work.plans().plan_to_change(&workspace, &self.app_id, self.plan_id).await?;
        let (Some(product), Some(offer)) = (product, offer) else { return Ok(Decision::Unchanged(None)) };
        let purpose = CallPurpose::UpdateProduct { plan_id: self.plan_id };
        if let Some(call) = tx.unresolved_call(account, &purpose).await? {
            return Ok(Decision::Unchanged(Some(Prepared { call, is_last: false })));
        }
        let name = offer.plan.details.name.to_string();
        let command = GatewayCommand::UpdateProduct { product, name, active: !offer.plan.is_archived() };
        let call = tx.prepare_call(account, purpose, &command).await?;
        Ok(Decision::Changed(Some(Prepared { call, is_last: true })))
    }
}
