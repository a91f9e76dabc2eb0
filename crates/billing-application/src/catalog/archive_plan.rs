use async_trait::async_trait;
use billing_domain::{AppId, PlanId, PlanOffer};

use super::PlanError;
use crate::change::{Change, Decision, Gate, Tx};
use crate::refusal::Refused;

/// Ends the sale of a plan; subscribers keep it. May be repeated.
#[derive(Debug, Clone)]
pub struct ArchivePlan {
    /// The app that sells the plan.
    pub app_id: AppId,
    /// The plan.
    pub plan_id: PlanId,
}

#[async_trait]
impl Change for ArchivePlan {
    const NAME: &'static str = "archive_plan";
    type Answer = PlanOffer;
    type Refusal = PlanError;

    fn gate(&self) -> Gate<'_> {
        Gate::OpenFor(&self.app_id)
    }

    async fn decide(&self, tx: &mut Tx) -> Result<Decision<PlanOffer>, Refused<PlanError>> {
        let offer = tx.plan(&self.app_id, self.plan_id).await?;
        let Some(archived) = offer.archive(tx.now) else { return Ok(Decision::Unchanged(offer)) };
        tx.save_plan(&offer.plan, &archived).await?;
        Ok(Decision::Changed(PlanOffer { plan: archived, ..offer }))
    }
}

#[cfg(test)]
mod tests {
    use billing_domain::{AuditedChange, Plan};

    use super::*;
    use crate::testing::{Write, archive_plan, at, catalog, change_on, now, pro};

    #[tokio::test]
    async fn archiving_a_plan_saves_and_audits_it() {
        let (answer, written) = change_on(catalog(), archive_plan()).await;

        let plan = Plan { archived_at: Some(now()), ..pro().changed_plan() };
        assert_eq!(answer.unwrap(), PlanOffer { plan: plan.clone(), ..pro() });
        let save = Write::SavePlan { plan: plan.clone(), loaded: pro().plan.version };
        assert_eq!(written.writes(), [save, Write::Commit]);
        assert_eq!(written.audited(), [AuditedChange::changed(&pro().plan, &plan).unwrap()]);
    }

    #[tokio::test]
    async fn archiving_a_plan_again_changes_nothing() {
        let mut stored = catalog();
        stored.plans[0].plan.archived_at = Some(at(60));

        let (answer, written) = change_on(stored, archive_plan()).await;

        assert_eq!(answer.unwrap().plan.archived_at, Some(at(60)));
        assert!(written.is_nothing());
    }
}
