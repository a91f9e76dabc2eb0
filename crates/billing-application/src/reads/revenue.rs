use std::convert::Infallible;

use billing_domain::ports::StoreError;
use billing_domain::{
    AppId, BillingSwitch, EnvironmentId, EnvironmentKind, LiveCounts, RevenueOverview, SubscriptionStatus,
    Timestamp, WorkspaceId,
};

use super::Reads;
use crate::refusal::{Absent, Refused};

impl Reads {
    /// The revenue of an app in one of its environments: without one in that of production, or of development while
    /// nothing was ever sold in production. Money of a test is never added to real money. The switch is the one that allowed
    /// it.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn revenue_overview(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        environment: Option<&EnvironmentId>,
    ) -> Result<(BillingSwitch, RevenueOverview), Refused<Infallible>> {
        let switch = self.require_open(workspace).await?;
        let app = self.app(workspace, app).await?;
        let now = self.ports.clock.now();
        let of_kind = |kind| app.environments.iter().find(|of_app| of_app.kind == kind).map(|it| &it.id);
        if let Some(asked) = environment {
            let known = app.environments.iter().any(|of_app| of_app.id == *asked);
            let environment = known.then_some(asked).ok_or(Absent::Environment)?;
            return Ok((switch, self.revenue_in(workspace, &app.id, environment, now).await?.0));
        }
        if let Some(production) = of_kind(EnvironmentKind::Production) {
            let (overview, was_sold) = self.revenue_in(workspace, &app.id, production, now).await?;
            if was_sold {
                return Ok((switch, overview));
            }
        }
        let environment = of_kind(EnvironmentKind::Development).or(app.environments.first().map(|it| &it.id));
        let environment = environment.ok_or(Absent::Environment)?;
        Ok((switch, self.revenue_in(workspace, &app.id, environment, now).await?.0))
    }

    /// The revenue in an environment, and whether anything was ever sold in it.
    async fn revenue_in(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        environment: &EnvironmentId,
        now: Timestamp,
    ) -> Result<(RevenueOverview, bool), StoreError> {
        let store = &self.ports.store;
        let totals = store.revenue().revenue_totals(workspace, app, environment, now).await?;
        let counts = store.subscriptions().subscription_counts(workspace, app, Some(environment.clone())).await?;
        let number = |status| counts.of(Some(&status), false);
        let subscriptions = LiveCounts {
            active: number(SubscriptionStatus::Active),
            trialing: number(SubscriptionStatus::Trialing),
            past_due: number(SubscriptionStatus::PastDue),
            ending: counts.of(None, true),
        };
        let was_sold = !totals.is_empty() || counts.of(None, false) > 0;
        Ok((RevenueOverview::new(environment.clone(), now, &totals, subscriptions), was_sold))
    }
}
