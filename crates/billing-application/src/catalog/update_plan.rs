use async_trait::async_trait;
use billing_domain::{
    AppId, Description, DisplayName, PlanDetails, PlanId, PlanOffer, TrialDays, Version, Visibility,
};

use super::PlanError;
use super::tx::require_version;
use crate::change::{Change, Decision, Gate, Tx};
use crate::refusal::Refused;

/// Changes the changeable part of a plan. May be repeated, unless it is based on a version.
#[derive(Debug, Clone)]
pub struct UpdatePlan {
    /// The app that sells the plan.
    pub app_id: AppId,
    /// The plan.
    pub plan_id: PlanId,
    /// The version the change is based on, if given. Refused if the plan has changed since, whatever the patch.
    pub expected_version: Option<Version>,
    /// The new details.
    pub patch: PlanPatch,
}

/// New details of a plan; `None` keeps a value.
#[derive(Debug, Clone, Default)]
pub struct PlanPatch {
    /// The displayed name.
    pub name: Option<DisplayName>,
    /// The displayed description; `Some(None)` removes it.
    pub description: Option<Option<Description>>,
    /// The free trial of a new subscriber.
    pub trial_days: Option<TrialDays>,
    /// Whether the public catalog lists the plan.
    pub visibility: Option<Visibility>,
    /// Whether the plan is the default plan.
    pub is_default: Option<bool>,
}

impl PlanPatch {
    fn apply(&self, details: &PlanDetails) -> PlanDetails {
        PlanDetails {
            name: self.name.clone().unwrap_or_else(|| details.name.clone()),
            description: self.description.clone().unwrap_or_else(|| details.description.clone()),
            trial_days: self.trial_days.unwrap_or(details.trial_days),
            visibility: self.visibility.unwrap_or(details.visibility),
            is_default: self.is_default.unwrap_or(details.is_default),
        }
    }
}

#[async_trait]
impl Change for UpdatePlan {
    const NAME: &'static str = "update_plan";
    type Answer = PlanOffer;
    type Refusal = PlanError;

    fn gate(&self) -> Gate<'_> {
        Gate::OpenFor(&self.app_id)
    }

    async fn decide(&self, tx: &mut Tx) -> Result<Decision<PlanOffer>, Refused<PlanError>> {
        let offer = tx.plan(&self.app_id, self.plan_id).await?;
        require_version(&offer, self.expected_version)?;
        let Some(plan) = offer.revise(self.patch.apply(&offer.plan.details))? else {
            return Ok(Decision::Unchanged(offer));
        };
        if plan.details.is_default {
            tx.require_free_default(&plan).await?;
        }
        tx.save_plan(&offer.plan, &plan).await?;
        Ok(Decision::Changed(PlanOffer { plan, ..offer }))
    }
}
