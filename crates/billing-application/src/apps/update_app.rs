use async_trait::async_trait;
use billing_domain::{App, AppDetails, AppId, DisplayName, RedirectOrigin, Version};

use super::AppError;
use crate::change::{Change, Decision, Gate, Tx};
use crate::refusal::{Absent, Refused};

/// Changes an app's name and redirect origins; `None` keeps a value. May be repeated, unless it is based
/// on a version.
#[derive(Debug, Clone)]
pub struct UpdateApp {
    /// The app.
    pub app_id: AppId,
    /// The version the change is based on, if given. Refused if the app has changed since, whatever the values.
    pub expected_version: Option<Version>,
    /// The displayed name.
    pub name: Option<DisplayName>,
    /// The origins a checkout may redirect to.
    pub allowed_redirect_origins: Option<Vec<RedirectOrigin>>,
}

#[async_trait]
impl Change for UpdateApp {
    const NAME: &'static str = "update_app";
    type Answer = App;
    type Refusal = AppError;

    fn gate(&self) -> Gate<'_> {
        Gate::Always
    }

    async fn decide(&self, tx: &mut Tx) -> Result<Decision<App>, Refused<AppError>> {
        let app = tx.work.apps().app_to_change(&tx.workspace.id, &self.app_id).await?.ok_or(Absent::App)?;
        if self.expected_version.is_some_and(|expected| expected != app.version) {
            return Err(AppError::EditedMeanwhile(Box::new(app)).into());
        }
        let details = AppDetails::new(
            self.name.clone().unwrap_or_else(|| app.details.name.clone()),
            self.allowed_redirect_origins
                .clone()
                .unwrap_or_else(|| app.details.allowed_redirect_origins.clone()),
        )?;
        let Some(revised) = app.revise(details) else { return Ok(Decision::Unchanged(app)) };
        tx.work.apps().save_app(&revised, app.version).await?;
        tx.audit_changed(&app, &revised).await?;
        Ok(Decision::Changed(revised))
    }
}
