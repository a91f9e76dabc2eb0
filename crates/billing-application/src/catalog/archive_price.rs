use billing_domain::ports::UnitOfWork;
use billing_domain::{Administrator, AppId, PlanId, PlanOffer, Price, PriceId};

use super::access::{Absent, lock_catalog};
use super::plan_error::PlanError;
use crate::Ports;
use crate::transaction::{Decision, settle};

/// Ends the sale of a plan at one of its prices. Who subscribed at it keeps it.
pub struct ArchivePrice {
    ports: Ports,
}

/// Which price.
#[derive(Debug, Clone)]
pub struct ArchivePriceRequest {
    /// Who wants it.
    pub administrator: Administrator,
    /// The app that sells the plan.
    pub app_id: AppId,
    /// The plan.
    pub plan_id: PlanId,
    /// The price.
    pub price_id: PriceId,
}

impl ArchivePrice {
    /// The use case over these ports.
    #[must_use]
    pub fn new(ports: Ports) -> Self {
        Self { ports }
    }

    /// Archives the price and returns it as it is then. May be repeated: the second time changes nothing.
    ///
    /// # Errors
    /// [`PlanError`].
    pub async fn execute(&self, request: ArchivePriceRequest) -> Result<Price, PlanError> {
        let mut work = self.ports.store.begin().await?;
        let decided = self.decide(&mut *work, &request).await;
        settle(work, decided).await
    }

    async fn decide(
        &self,
        work: &mut dyn UnitOfWork,
        request: &ArchivePriceRequest,
    ) -> Result<Decision<Price>, PlanError> {
        let workspace = &request.administrator.workspace_id;
        lock_catalog(work, workspace, &request.app_id).await?;
        let offer = work.plan_to_change(workspace, &request.app_id, request.plan_id).await?;
        let offer = offer.ok_or(Absent::Plan)?;
        let price = offer.prices.iter().find(|price| price.id == request.price_id).ok_or(Absent::Price)?;

        let Some(archived) = PlanOffer::archive_price(price, self.ports.clock.now()) else {
            return Ok(Decision::Unchanged(price.clone()));
        };
        work.save_plan(&offer.changed_plan(), offer.plan.version).await?;
        super::save_archived_price(&self.ports, work, &request.administrator, &offer, archived.clone())
            .await?;
        Ok(Decision::Changed(archived))
    }
}

#[cfg(test)]
mod tests;
