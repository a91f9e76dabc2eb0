use billing_application::Worker;

use crate::settings::Settings;
use crate::{BoxError, composition, output, stripe};

/// The command `reconcile`: schedules the comparison of everything at Stripe with its mirror. The running service does
/// it, as it does by itself every few minutes.
pub(crate) async fn run(settings: Settings) -> Result<(), BoxError> {
    let ports = composition::ports(&settings, stripe::gateway(&settings)?)?;
    ports.store.readiness().await?;
    let scheduled = Worker::new(ports).reconcile_all().await?;
    output::print(&format!(
        "Scheduled for {scheduled} accounts of workspaces. The running service does it now."
    ))
}
