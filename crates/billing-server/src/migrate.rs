use billing_diesel::DatabaseUrl;

use crate::settings::Settings;
use crate::stop::{Step, StopSignals};
use crate::{BoxError, data_folder, output};

/// The command `migrate`. A signal ends it; the migrations are one transaction, which the database rolls back then.
pub(crate) async fn run(settings: Settings) -> Result<(), BoxError> {
    let mut told_to_stop = StopSignals::listen()?;
    let step = Step::default();
    let migrated = {
        let step = step.clone();
        async move { migrate(&settings.database_url, &step).await }
    };
    match told_to_stop.unless_received(&step, migrated).await? {
        Some(()) => output::print("The database is up to date."),
        None => {
            Err(format!("told to stop while {step}: the migrations are all applied, or none of them is")
                .into())
        }
    }
}

/// Brings the database's schema up to date.
pub(crate) async fn migrate(database: &DatabaseUrl, step: &Step) -> Result<(), BoxError> {
    if let DatabaseUrl::Sqlite(file) = database {
        data_folder::check_writable(file)?;
    }
    let step = step.clone();
    Ok(billing_diesel::migrate_in_steps(database, move |at| step.begin_migration(at)).await?)
}
