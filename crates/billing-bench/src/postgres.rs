use deadpool::Runtime;
use diesel::prelude::*;
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};

use crate::StatusRow;
use crate::events::Spoken;

pub(crate) type Pool = diesel_async::pooled_connection::deadpool::Pool<AsyncPgConnection>;

diesel::table! {
    workspaces (workspace_id) {
        workspace_id -> Text,
        state -> Text,
        gateway -> Nullable<Text>,
        enabled_at -> Nullable<Timestamptz>,
    }
}

crate::tables!(Timestamptz);

pub(crate) fn pool(url: &str) -> Pool {
    pool_of(url, 16)
}

pub(crate) fn pool_of(url: &str, size: usize) -> Pool {
    let mut config = ManagerConfig::default();
    config.recycling_method = RecyclingMethod::Fast;
    let manager = AsyncDieselConnectionManager::new_with_config(url, config);
    Pool::builder(manager).max_size(size).runtime(Runtime::Tokio1).build().unwrap()
}

pub(crate) async fn read(pool: &Pool, workspace: &str) -> Option<StatusRow> {
    let mut conn = pool.get().await.unwrap();
    workspaces::table
        .find(workspace)
        .select((workspaces::state, workspaces::gateway, workspaces::enabled_at))
        .get_result(&mut conn)
        .await
        .optional()
        .unwrap()
}

/// Stores one event in a transaction of its own.
pub(crate) async fn write(pool: &Pool, event: &str, spoken: &Spoken) {
    let mut conn = pool.get().await.unwrap();
    conn.transaction(async |conn| crate::write_event!(conn, event, spoken)).await.unwrap();
}
