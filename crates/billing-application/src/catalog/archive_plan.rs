use billing_domain::ports::UnitOfWork;
use billing_domain::{Administrator, AppId, AuditedChange, Change, PlanId, PlanOffer};

use super::access::{Absent, lock_catalog};
use super::plan_error::PlanError;
use crate::Ports;
use crate::transaction::{Decision, settle};

/// Ends the sale of a plan. Who subscribed keeps it.
pub struct ArchivePlan {
    ports: Ports,
}

/// Which plan.
#[derive(Debug, Clone)]
pub struct ArchivePlanRequest {
    /// Who wants it.
    pub administrator: Administrator,
    /// The app that sells the plan.
    pub app_id: AppId,
    /// The plan.
    pub plan_id: PlanId,
}

impl ArchivePlan {
    /// The use case over these ports.
    #[must_use]
    pub fn new(ports: Ports) -> Self {
        Self { ports }
    }

    /// Archives the plan and returns it as it is then. May be repeated: the second time changes nothing.
    ///
    /// # Errors
    /// [`PlanError`].
    pub async fn execute(&self, request: ArchivePlanRequest) -> Result<PlanOffer, PlanError> {
        let mut work = self.ports.store.begin().await?;
        let decided = self.decide(&mut *work, &request).await;
        settle(work, decided).await
    }

    async fn decide(
        &self,
        work: &mut dyn UnitOfWork,
        request: &ArchivePlanRequest,
    ) -> Result<Decision<PlanOffer>, PlanError> {
        let workspace = &request.administrator.workspace_id;
        lock_catalog(work, workspace, &request.app_id).await?;
        let offer = work.plan_to_change(workspace, &request.app_id, request.plan_id).await?;
        let offer = offer.ok_or(Absent::Plan)?;

        let Some(plan) = offer.archive(self.ports.clock.now()) else { return Ok(Decision::Unchanged(offer)) };
        work.save_plan(&plan, offer.plan.version).await?;
        let change = AuditedChange::Plan(Change::changed(offer.plan.clone(), plan.clone()));
        self.ports.audit(work, &request.administrator, change).await?;
        Ok(Decision::Changed(PlanOffer { plan, ..offer }))
    }
}

#[cfg(test)]
mod tests;
