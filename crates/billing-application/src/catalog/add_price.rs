use billing_domain::ports::UnitOfWork;
use billing_domain::{
    Administrator, AppId, AuditedChange, Change, PlanId, PlanOffer, Price, PriceAddition, PriceId,
    PriceTerms, RequestKey, Version,
};

use super::access::{Absent, lock_catalog};
use super::plan_error::PlanError;
use super::{Made, require_version};
use crate::Ports;
use crate::once::Once;
use crate::transaction::{Decision, settle};

/// Sells a plan at one more price. A plan has one price per currency and interval, so a new amount takes the place of
/// the old one, which its subscribers keep.
pub struct AddPrice {
    ports: Ports,
}

/// The price that is wanted.
#[derive(Debug, Clone)]
pub struct AddPriceRequest {
    /// Who wants it.
    pub administrator: Administrator,
    /// The app that sells the plan.
    pub app_id: AppId,
    /// The plan.
    pub plan_id: PlanId,
    /// How much and how often.
    pub terms: PriceTerms,
    /// The version the decision was made on. When it is given and the plan has changed since, nothing is done.
    pub expected_version: Option<Version>,
    /// Under which a repeat gets the first answer.
    pub request_key: Option<RequestKey>,
}

impl AddPrice {
    /// The use case over these ports.
    #[must_use]
    pub fn new(ports: Ports) -> Self {
        Self { ports }
    }

    /// Adds the price. May be repeated: terms that are offered already change nothing.
    ///
    /// # Errors
    /// [`PlanError`].
    pub async fn execute(&self, request: AddPriceRequest) -> Result<Made<Price>, PlanError> {
        let mut work = self.ports.store.begin().await?;
        let decided = self.decide(&mut *work, &request).await;
        settle(work, decided).await
    }

    async fn decide(
        &self,
        work: &mut dyn UnitOfWork,
        request: &AddPriceRequest,
    ) -> Result<Decision<Made<Price>>, PlanError> {
        let workspace = &request.administrator.workspace_id;
        lock_catalog(work, workspace, &request.app_id).await?;
        let now = self.ports.clock.now();
        let asked = (&request.app_id, request.plan_id, request.terms, request.expected_version);
        let once = Once::new(workspace, request.request_key.as_ref(), now, "add_price", &asked)?;
        if let Some(made) = once.earlier_answer(work).await? {
            return Ok(Decision::Unchanged(made));
        }
        let offer = work.plan_to_change(workspace, &request.app_id, request.plan_id).await?;
        let offer = offer.ok_or(Absent::Plan)?;

        let id = PriceId::from_uuid(self.ports.ids.uuid_v7());
        let made = match offer.add_price(id, request.terms, now)? {
            PriceAddition::AlreadyOffered(price) => Made { value: price, is_new: false },
            PriceAddition::New { price, replaced } => {
                require_version(&offer, request.expected_version)?;
                self.save(work, &request.administrator, &offer, &price, replaced).await?;
                Made { value: price, is_new: true }
            }
        };
        once.remember(work, &made).await?;
        Ok(Decision::Changed(made))
    }

    async fn save(
        &self,
        work: &mut dyn UnitOfWork,
        administrator: &Administrator,
        offer: &PlanOffer,
        price: &Price,
        replaced: Option<Price>,
    ) -> Result<(), PlanError> {
        work.save_plan(&offer.changed_plan(), offer.plan.version).await?;
        if let Some(replaced) = replaced {
            super::save_archived_price(&self.ports, work, administrator, offer, replaced).await?;
        }
        work.insert_price(&administrator.workspace_id, price).await?;
        let created = AuditedChange::Price(Change::created(price.clone()));
        Ok(self.ports.audit(work, administrator, created).await?)
    }
}

#[cfg(test)]
mod tests;
