use billing_diesel::{DatabaseUrl, ScaleOut};

use crate::BoxError;

/// Distributes the tables, and says what was done.
pub(crate) async fn run(database: &DatabaseUrl) -> Result<(), BoxError> {
    match billing_diesel::scale_out(database).await? {
        ScaleOut::NoCitus => {
            println!("This Postgres does not have the extension citus; nothing was distributed.");
        }
        ScaleOut::Distributed(tables) if tables.is_empty() => {
            println!("Every table was distributed before.");
        }
        ScaleOut::Distributed(tables) => {
            println!("Distributed: {}.", tables.join(", "));
            println!("What to run next is in docs/operations.md, under \"Scaling out\".");
        }
    }
    Ok(())
}
