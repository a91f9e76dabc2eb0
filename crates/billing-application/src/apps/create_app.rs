use async_trait::async_trait;
use billing_domain::{
    App, AppDetails, AppId, DisplayName, Environment, EnvironmentId, EnvironmentKind, RedirectOrigin, Version,
};
use serde::Serialize;

use super::AppError;
use crate::change::{Change, Decision, Gate, Tx};
use crate::refusal::Refused;

/// Adds an app with a development and a production environment.
#[derive(Debug, Clone, Serialize)]
pub struct CreateApp {
    /// The displayed name.
    pub name: DisplayName,
    /// The origins a checkout may redirect to.
    pub allowed_redirect_origins: Vec<RedirectOrigin>,
}

#[async_trait]
impl Change for CreateApp {
    const NAME: &'static str = "create_app";
    type Answer = App;
    type Refusal = AppError;

    fn gate(&self) -> Gate<'_> {
        Gate::Always
    }

    async fn decide(&self, tx: &mut Tx) -> Result<Decision<App>, Refused<AppError>> {
        let details = AppDetails::new(self.name.clone(), self.allowed_redirect_origins.clone())?;
        let environment = |kind| Environment { id: EnvironmentId::from_uuid(tx.ports.ids.uuid_v7()), kind };
        let app = App {
            id: AppId::from_uuid(tx.ports.ids.uuid_v7()),
            workspace_id: tx.workspace.id.clone(),
            details,
            environments: EnvironmentKind::ALL.map(environment).to_vec(),
            version: Version::NEW,
            created_at: tx.now,
        };
        tx.work.apps().insert_app(&app).await?;
        tx.audit_created(&app).await?;
        Ok(Decision::Changed(app))
    }
}
