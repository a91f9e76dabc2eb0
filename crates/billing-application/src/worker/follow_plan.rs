//! Brings the product of a plan, or one of its prices, up to date on every account on which it was sold.

use std::convert::Infallible;

use async_trait::async_trait;
use billing_domain::ports::StoreError;
use billing_domain::{
    Actor, AppId, CallPurpose, Claim, GatewayAccountId, GatewayCall, GatewayCommand, LinkSubject, PlanId,
    PlanOffer, PriceId, StripeId, WorkId, WorkKind, WorkspaceId,
};

use super::{Outcome, WorkError, Worker};
use crate::change::{Change, Decision, Gate, Tx};
use crate::refusal::Refused;

/// The work that brings a plan's products up to date.
pub(crate) fn following_of(workspace: &WorkspaceId, app: &AppId, plan: PlanId) -> WorkId {
    WorkId { workspace_id: workspace.clone(), kind: WorkKind::FollowPlan, key: format!("{app}/{plan}") }
}

/// The work that ends the sale of a price at Stripe.
pub(crate) fn following_of_price(
    workspace: &WorkspaceId,
    app: &AppId,
    plan: PlanId,
    price: PriceId,
) -> WorkId {
    let key = format!("{app}/{plan}/{price}");
    WorkId { workspace_id: workspace.clone(), kind: WorkKind::FollowPrice, key }
}

/// The calls for one account: the creation and an earlier change, both of unknown outcome, and the change that is due.
const MOST_CALLS: usize = 3;

pub(super) async fn perform(worker: &Worker, claim: &Claim) -> Result<Outcome, WorkError> {
    let workspace = &claim.id.workspace_id;
    let (app_id, plan_id, price_id) = parse(&claim.id.key).ok_or(WorkError::UnknownKey)?;
    for account in worker.ports.store.gateway_links().gateway_accounts(workspace).await? {
        for _ in 0..MOST_CALLS {
            let prepare =
                PrepareUpdate { app_id: app_id.clone(), plan_id, price_id, account: account.clone() };
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

fn parse(key: &str) -> Option<(AppId, PlanId, Option<PriceId>)> {
    let mut parts = key.split('/');
    let (app, plan) = (AppId::parse(parts.next()?).ok()?, PlanId::parse(parts.next()?).ok()?);
    let price = parts.next().map(PriceId::parse).transpose().ok()?;
    Some((app, plan, price))
}

/// Prepares the call that gives a product the plan's present name, or ends the sale of a price. None if Stripe has no such
/// object on the account.
struct PrepareUpdate {
    app_id: AppId,
    plan_id: PlanId,
    price_id: Option<PriceId>,
    account: GatewayAccountId,
}

struct Prepared {
    call: GatewayCall,
    /// Whether the call brings the object up to date. Earlier ones of unknown outcome come first.
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
        let (subject, creation, update) = self.purposes();
        for earlier in [&creation, &update] {
            if let Some(call) = tx.unresolved_call(account, earlier).await? {
                return Ok(Decision::Unchanged(Some(Prepared { call, is_last: false })));
            }
        }
        let object = tx.work.gateway_links().gateway_link(&workspace, account, &subject).await?;
        let offer = tx.work.plans().plan_to_change(&workspace, &self.app_id, self.plan_id).await?;
        let (Some(object), Some(offer)) = (object, offer) else { return Ok(Decision::Unchanged(None)) };
        let call = tx.prepare_call(account, update, &self.command(object, &offer)).await?;
        Ok(Decision::Changed(Some(Prepared { call, is_last: true })))
    }
}

impl PrepareUpdate {
    /// What stands for the plan or price at Stripe, and the purposes of its creation and update.
    fn purposes(&self) -> (LinkSubject, CallPurpose, CallPurpose) {
        let plan_id = self.plan_id;
        match self.price_id {
            None => (
                LinkSubject::Product(plan_id),
                CallPurpose::CreateProduct { plan_id },
                CallPurpose::UpdateProduct { plan_id },
            ),
            Some(price_id) => (
                LinkSubject::Price(price_id),
                CallPurpose::CreatePrice { price_id },
                CallPurpose::ArchivePrice { price_id },
            ),
        }
    }

    fn command(&self, object: StripeId, offer: &PlanOffer) -> GatewayCommand {
        if self.price_id.is_some() {
            return GatewayCommand::ArchivePrice { price: object };
        }
        let (name, active) = (offer.plan.details.name.to_string(), !offer.plan.is_archived());
        GatewayCommand::UpdateProduct { product: object, name, active }
    }
}
