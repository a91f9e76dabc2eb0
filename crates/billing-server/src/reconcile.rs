use billing_application::Worker;

use crate::settings::Settings;
use crate::{BoxError, composition, output};

/// The command `reconcile`: schedules the comparison of everything at Stripe with its mirror. The running service does
/// it, as it does by itself every few minutes.
pub(crate) async fn run(settings: Settings) -> Result<(), BoxError> {
    let ports = composition::ports_of_command(&settings)?;
    ports.store.readiness().await?;
    let worker = Worker::new(ports);
    let accepted = worker.accept_unplaced().await?;
    let (_, unplaced) = worker.unplaced(0).await?;
    let scheduled = worker.reconcile_all().await?;
    worker.reconcile_paying_workspaces().await;
    output::print(&format!(
        "Scheduled for {scheduled} accounts of workspaces. The running service does it now.\n\
         Webhooks that have a workspace now: {accepted}. Still without one: {unplaced}."
    ))
}
