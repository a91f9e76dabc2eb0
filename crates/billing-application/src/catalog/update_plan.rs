use billing_domain::ports::UnitOfWork;
use billing_domain::{
    Administrator, AppId, AuditedChange, Change, Description, DisplayName, PlanDetails, PlanId, PlanOffer,
    TrialDays, Version, Visibility,
};

use super::access::{Absent, lock_catalog};
use super::plan_error::PlanError;
use super::{require_free_default, require_version};
use crate::Ports;
use crate::transaction::{Decision, settle};

/// Changes what can be changed of a plan.
pub struct UpdatePlan {
    ports: Ports,
}

/// What is to be different.
#[derive(Debug, Clone)]
pub struct UpdatePlanRequest {
    /// Who wants it.
    pub administrator: Administrator,
    /// The app that sells the plan.
    pub app_id: AppId,
    /// The plan.
    pub plan_id: PlanId,
    /// The version the decision was made on. When it is given and the plan has changed since, nothing is done.
    pub expected_version: Option<Version>,
    /// What is to be different.
    pub patch: PlanPatch,
}

/// The details to change; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct PlanPatch {
    /// What people call it.
    pub name: Option<DisplayName>,
    /// What people say of it; `Some(None)` removes it.
    pub description: Option<Option<Description>>,
    /// How long a new subscriber tries it.
    pub trial_days: Option<TrialDays>,
    /// Who sees it.
    pub visibility: Option<Visibility>,
    /// Whether it is the default plan.
    pub is_default: Option<bool>,
}

impl PlanPatch {
    fn apply(self, details: &PlanDetails) -> PlanDetails {
        PlanDetails {
            name: self.name.unwrap_or_else(|| details.name.clone()),
            description: self.description.unwrap_or_else(|| details.description.clone()),
            trial_days: self.trial_days.unwrap_or(details.trial_days),
            visibility: self.visibility.unwrap_or(details.visibility),
            is_default: self.is_default.unwrap_or(details.is_default),
        }
    }
}

impl UpdatePlan {
    /// The use case over these ports.
    #[must_use]
    pub fn new(ports: Ports) -> Self {
        Self { ports }
    }

    /// Changes the plan and returns it as it is then. May be repeated: the second time changes nothing.
    ///
    /// # Errors
    /// [`PlanError`].
    pub async fn execute(&self, request: UpdatePlanRequest) -> Result<PlanOffer, PlanError> {
        let mut work = self.ports.store.begin().await?;
        let decided = self.decide(&mut *work, request).await;
        settle(work, decided).await
    }

    async fn decide(
        &self,
        work: &mut dyn UnitOfWork,
        request: UpdatePlanRequest,
    ) -> Result<Decision<PlanOffer>, PlanError> {
        let workspace = &request.administrator.workspace_id;
        lock_catalog(work, workspace, &request.app_id).await?;
        let offer = work.plan_to_change(workspace, &request.app_id, request.plan_id).await?;
        let offer = offer.ok_or(Absent::Plan)?;

        let details = request.patch.apply(&offer.plan.details);
        let Some(plan) = offer.revise(details)? else { return Ok(Decision::Unchanged(offer)) };
        require_version(&offer, request.expected_version)?;
        if plan.details.is_default {
            require_free_default(work, &plan).await?;
        }
        work.save_plan(&plan, offer.plan.version).await?;
        let change = AuditedChange::Plan(Change::changed(offer.plan.clone(), plan.clone()));
        self.ports.audit(work, &request.administrator, change).await?;
        Ok(Decision::Changed(PlanOffer { plan, ..offer }))
    }
}

#[cfg(test)]
mod tests;
