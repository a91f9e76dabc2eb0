use billing_domain::ports::UnitOfWork;
use billing_domain::{
    Administrator, App, AppDetails, AppId, AuditedChange, Change, DisplayName, RedirectOrigin, Version,
};

use super::AppError;
use crate::Ports;
use crate::transaction::{Decision, settle};

/// Changes an app's name and redirect origins. Works while billing is off.
pub struct UpdateApp {
    ports: Ports,
}

/// What is to be different; what is `None` stays.
#[derive(Debug, Clone)]
pub struct UpdateAppRequest {
    /// Who wants it.
    pub administrator: Administrator,
    /// The app.
    pub app_id: AppId,
    /// The version the decision was made on. When it is given and the app has changed since, nothing is done.
    pub expected_version: Option<Version>,
    /// What people call it.
    pub name: Option<DisplayName>,
    /// Where people may be sent back to after a checkout.
    pub allowed_redirect_origins: Option<Vec<RedirectOrigin>>,
}

impl UpdateApp {
    /// The use case over these ports.
    #[must_use]
    pub fn new(ports: Ports) -> Self {
        Self { ports }
    }

    /// Changes the app and returns it as it is then. May be repeated: the second time changes nothing.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn execute(&self, request: UpdateAppRequest) -> Result<App, AppError> {
        let mut work = self.ports.store.begin().await?;
        let decided = self.decide(&mut *work, request).await;
        settle(work, decided).await
    }

    async fn decide(
        &self,
        work: &mut dyn UnitOfWork,
        request: UpdateAppRequest,
    ) -> Result<Decision<App>, AppError> {
        let workspace = &request.administrator.workspace_id;
        work.lock_workspace(workspace).await?;
        let app = work.app_to_change(workspace, &request.app_id).await?.ok_or(AppError::NotFound)?;

        let details = AppDetails::new(
            request.name.unwrap_or_else(|| app.details.name.clone()),
            request.allowed_redirect_origins.unwrap_or_else(|| app.details.allowed_redirect_origins.clone()),
        )?;
        let Some(revised) = app.revise(details) else { return Ok(Decision::Unchanged(app)) };
        if request.expected_version.is_some_and(|expected| expected != app.version) {
            return Err(AppError::EditedMeanwhile(Box::new(app)));
        }
        work.save_app(&revised, app.version).await?;
        let change = AuditedChange::App(Change::changed(app, revised.clone()));
        self.ports.audit(work, &request.administrator, change).await?;
        Ok(Decision::Changed(revised))
    }
}

#[cfg(test)]
mod tests;
