use billing_domain::ports::UnitOfWork;
use billing_domain::{
    Administrator, App, AppDetails, AppId, AuditedChange, Change, DisplayName, Environment, EnvironmentId,
    EnvironmentKind, RedirectOrigin, RequestKey, Version,
};

use super::AppError;
use crate::Ports;
use crate::once::Once;
use crate::transaction::{Decision, settle};

/// Adds an app to a workspace, with a development and a production environment. Works while billing is off.
pub struct CreateApp {
    ports: Ports,
}

/// The app that is wanted.
#[derive(Debug, Clone)]
pub struct CreateAppRequest {
    /// Who wants it.
    pub administrator: Administrator,
    /// What people will call it.
    pub name: DisplayName,
    /// Where people may be sent back to after a checkout.
    pub allowed_redirect_origins: Vec<RedirectOrigin>,
    /// Under which a repeat gets the first answer.
    pub request_key: Option<RequestKey>,
}

impl CreateApp {
    /// The use case over these ports.
    #[must_use]
    pub fn new(ports: Ports) -> Self {
        Self { ports }
    }

    /// Creates the app. May be repeated under the same request key, which gives the first answer again.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn execute(&self, request: CreateAppRequest) -> Result<App, AppError> {
        let details = AppDetails::new(request.name, request.allowed_redirect_origins)?;
        let mut work = self.ports.store.begin().await?;
        let decided =
            self.decide(&mut *work, &request.administrator, details, request.request_key.as_ref()).await;
        settle(work, decided).await
    }

    async fn decide(
        &self,
        work: &mut dyn UnitOfWork,
        administrator: &Administrator,
        details: AppDetails,
        request_key: Option<&RequestKey>,
    ) -> Result<Decision<App>, AppError> {
        let workspace = &administrator.workspace_id;
        work.lock_workspace(workspace).await?;
        let now = self.ports.clock.now();
        let once = Once::new(workspace, request_key, now, "create_app", &details)?;
        if let Some(created) = once.earlier_answer(work).await? {
            return Ok(Decision::Unchanged(created));
        }

        let environment = |kind| Environment { id: EnvironmentId::from_uuid(self.ports.ids.uuid_v7()), kind };
        let app = App {
            id: AppId::from_uuid(self.ports.ids.uuid_v7()),
            workspace_id: workspace.clone(),
            details,
            environments: EnvironmentKind::ALL.map(environment).to_vec(),
            version: Version::NEW,
            created_at: now,
        };
        work.insert_app(&app).await?;
        let created = AuditedChange::App(Change::created(app.clone()));
        self.ports.audit(work, administrator, created).await?;
        once.remember(work, &app).await?;
        Ok(Decision::Changed(app))
    }
}

#[cfg(test)]
mod tests;
