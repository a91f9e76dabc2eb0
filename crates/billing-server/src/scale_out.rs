use billing_diesel::{DatabaseUrl, ScaleOut};

use crate::BoxError;

/// Distributes the tables, and tells the operator what was done.
pub(crate) async fn run(database: &DatabaseUrl) -> Result<String, BoxError> {
    Ok(match billing_diesel::scale_out(database).await? {
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
    })
}
