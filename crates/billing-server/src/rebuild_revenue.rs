use billing_application::Worker;

use crate::settings::Settings;
use crate::{BoxError, composition, output};

/// The command `rebuild-revenue`: makes the totals of revenue and the counts of subscriptions anew.
pub(crate) async fn run(settings: Settings) -> Result<(), BoxError> {
    let ports = composition::ports_of_command(&settings)?;
    ports.store.readiness().await?;
    let (rebuilt, failed) = Worker::new(ports).rebuild_revenue().await?;
    output::print(&format!("Workspaces whose figures were made anew: {rebuilt}."))?;
    if failed > 0 {
        return Err(format!("the figures of {failed} workspaces were not made anew; the log says why").into());
    }
    Ok(())
}
