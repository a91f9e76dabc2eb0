use billing_domain::ports::{StoreError, UnitOfWork};
use billing_domain::{
    Administrator, AppId, AuditedChange, Change, PayerKind, Plan, PlanDetails, PlanId, PlanKey, PlanOffer,
    PlanRefused, PriceAddition, PriceId, PriceTerms, RequestKey, Timestamp, Version,
};

use super::access::lock_catalog;
use super::plan_error::PlanError;
use super::require_free_default;
use crate::Ports;
use crate::once::Once;
use crate::transaction::{Decision, settle};

/// Adds a plan to an app's catalog. Nothing is created at Stripe.
pub struct CreatePlan {
    ports: Ports,
}

/// The plan that is wanted.
#[derive(Debug, Clone)]
pub struct CreatePlanRequest {
    /// Who wants it.
    pub administrator: Administrator,
    /// The app that sells it.
    pub app_id: AppId,
    /// By which code will know it.
    pub key: PlanKey,
    /// Who can subscribe.
    pub payer_kind: PayerKind,
    /// What can be changed later.
    pub details: PlanDetails,
    /// What it is sold at from the beginning.
    pub prices: Vec<PriceTerms>,
    /// Under which a repeat gets the first answer.
    pub request_key: Option<RequestKey>,
}

impl CreatePlan {
    /// The use case over these ports.
    #[must_use]
    pub fn new(ports: Ports) -> Self {
        Self { ports }
    }

    /// Creates the plan with its prices. May be repeated under the same request key, which gives the first answer
    /// again.
    ///
    /// # Errors
    /// [`PlanError`].
    pub async fn execute(&self, request: CreatePlanRequest) -> Result<PlanOffer, PlanError> {
        let mut work = self.ports.store.begin().await?;
        let decided = self.decide(&mut *work, request).await;
        settle(work, decided).await
    }

    async fn decide(
        &self,
        work: &mut dyn UnitOfWork,
        request: CreatePlanRequest,
    ) -> Result<Decision<PlanOffer>, PlanError> {
        let workspace = &request.administrator.workspace_id;
        lock_catalog(work, workspace, &request.app_id).await?;
        let now = self.ports.clock.now();
        let asked = (&request.app_id, &request.key, request.payer_kind, &request.details, &request.prices);
        let once = Once::new(workspace, request.request_key.as_ref(), now, "create_plan", &asked)?;
        if let Some(created) = once.earlier_answer(work).await? {
            return Ok(Decision::Unchanged(created));
        }

        let offer = self.offer(&request, now)?;
        let plan = &offer.plan;
        if work.sold_plan_with_key(workspace, &plan.app_id, &plan.key).await?.is_some() {
            return Err(PlanError::KeyTaken(request.key));
        }
        if plan.details.is_default {
            require_free_default(work, plan).await?;
        }
        self.save(work, &request.administrator, &offer).await?;
        once.remember(work, &offer).await?;
        Ok(Decision::Changed(offer))
    }

    fn offer(&self, request: &CreatePlanRequest, now: Timestamp) -> Result<PlanOffer, PlanRefused> {
        let mut offer = PlanOffer::new(Plan {
            id: PlanId::from_uuid(self.ports.ids.uuid_v7()),
            workspace_id: request.administrator.workspace_id.clone(),
            app_id: request.app_id.clone(),
            key: request.key.clone(),
            payer_kind: request.payer_kind,
            details: request.details.clone(),
            archived_at: None,
            version: Version::NEW,
            created_at: now,
        })?;
        for terms in &request.prices {
            let id = PriceId::from_uuid(self.ports.ids.uuid_v7());
            match offer.add_price(id, *terms, now)? {
                PriceAddition::New { price, replaced: None } => offer.prices.push(price),
                PriceAddition::New { .. } | PriceAddition::AlreadyOffered(_) => {
                    return Err(PlanRefused::PriceTwice);
                }
            }
        }
        Ok(offer)
    }

    async fn save(
        &self,
        work: &mut dyn UnitOfWork,
        administrator: &Administrator,
        offer: &PlanOffer,
    ) -> Result<(), StoreError> {
        work.insert_plan(&offer.plan).await?;
        let created = AuditedChange::Plan(Change::created(offer.plan.clone()));
        self.ports.audit(work, administrator, created).await?;
        for price in &offer.prices {
            work.insert_price(&administrator.workspace_id, price).await?;
            let created = AuditedChange::Price(Change::created(price.clone()));
            self.ports.audit(work, administrator, created).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
