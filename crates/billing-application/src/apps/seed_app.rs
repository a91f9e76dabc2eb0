use std::convert::Infallible;

use async_trait::async_trait;
use billing_domain::{Actor, App};

use crate::change::{Change, Decision, Executor, Gate, Tx};
use crate::refusal::Refused;

/// Adds an app with given ids, for demo data in development. Writes no audit entry. May be repeated: an existing app
/// is not changed.
#[derive(Debug, Clone)]
struct SeedApp(App);

#[async_trait]
impl Change for SeedApp {
    const NAME: &'static str = "seed_app";
    type Answer = ();
    type Refusal = Infallible;

    fn gate(&self) -> Gate<'_> {
        Gate::Always
    }

    async fn decide(&self, tx: &mut Tx) -> Result<Decision<()>, Refused<Infallible>> {
        let Self(app) = self;
        if tx.work.apps().app_to_change(&app.workspace_id, &app.id).await?.is_some() {
            return Ok(Decision::Unchanged(()));
        }
        tx.work.apps().insert_app(app).await?;
        Ok(Decision::Changed(()))
    }
}

impl Executor {
    /// Adds a demo app to its workspace.
    ///
    /// # Errors
    /// [`Refused::Store`].
    pub async fn seed_app(&self, app: App) -> Result<(), Refused<Infallible>> {
        let workspace = app.workspace_id.clone();
        self.change_as(&workspace, &Actor::Recovery, &SeedApp(app)).await
    }
}
