use diesel::backend::Backend;
use diesel::migration::{MigrationSource, MigrationVersion};
use diesel_migrations::{EmbeddedMigrations, embed_migrations};

pub(crate) const POSTGRES: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");
pub(crate) const SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");

/// The migrations this code needs that are not applied. A database ahead of the code, as in a rolling deployment,
/// lacks none.
pub(crate) fn pending<DB: Backend>(
    needed: &EmbeddedMigrations,
    applied: &[String],
) -> diesel::migration::Result<Vec<MigrationVersion<'static>>> {
    let needed = MigrationSource::<DB>::migrations(needed)?;
    Ok(needed
        .iter()
        .map(|migration| migration.name().version().as_owned())
        .filter(|version| !applied.contains(&version.to_string()))
        .collect())
}
