use std::convert::Infallible;

use billing_domain::ports::StoreError;
use billing_domain::{
    AppId, BillingSwitch, EnvironmentId, EnvironmentKind, RevenueOverview, Timestamp, WorkspaceId,
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
            return Ok((switch, self.revenue_in(workspace, &app.id, environment, now).await?));
        }
        if let Some(production) = of_kind(EnvironmentKind::Production) {
            let overview = self.revenue_in(workspace, &app.id, production, now).await?;
            if !overview.is_empty() {
                return Ok((switch, overview));
            }
        }
        let environment = of_kind(EnvironmentKind::Development).or(app.environments.first().map(|it| &it.id));
        let environment = environment.ok_or(Absent::Environment)?;
        Ok((switch, self.revenue_in(workspace, &app.id, environment, now).await?))
    }

    async fn revenue_in(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        environment: &EnvironmentId,
        now: Timestamp,
    ) -> Result<RevenueOverview, StoreError> {
        let revenue = self.ports.store.revenue();
        let totals = revenue.revenue_totals(workspace, app, environment, now).await?;
        let subscriptions = revenue.subscription_counts(workspace, app, environment).await?;
        Ok(RevenueOverview::new(environment.clone(), now, &totals, subscriptions))
    }
}
