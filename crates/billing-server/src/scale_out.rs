use billing_diesel::ScaleOut;

use crate::settings::Settings;
use crate::stop::{Step, StopSignals};
use crate::{BoxError, output};

/// The command `scale-out`. A signal ends it; the tables that are distributed by then stay distributed.
pub(crate) async fn run(settings: Settings) -> Result<(), BoxError> {
    let mut told_to_stop = StopSignals::listen()?;
    let step = Step::default();
    let scaling_out = {
        let step = step.clone();
        async move { Ok(billing_diesel::scale_out(&settings.database_url, |at| step.begin_migration(at)).await?) }
    };
    match told_to_stop.unless_received(&step, scaling_out).await? {
        Some(done) => output::print(&report(&done)),
        None => {
            Err(format!("told to stop while {step}: run it again, it goes on with those that are left")
                .into())
        }
    }
}

fn report(done: &ScaleOut) -> String {
    match done {
        ScaleOut::NoCitus => {
            "This Postgres does not have the extension citus; nothing was distributed.".to_owned()
        }
        ScaleOut::Distributed(tables) if tables.is_empty() => {
            "Every table was distributed before.".to_owned()
        }
        ScaleOut::Distributed(tables) => format!(
            "Distributed: {}.\nWhat to run next is in docs/operations.md, under \"Scaling out\".",
            tables.join(", ")
        ),
    }
}
