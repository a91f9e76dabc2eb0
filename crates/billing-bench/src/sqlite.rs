use deadpool::Runtime;
use diesel::prelude::*;
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod};
use diesel_async::sync_connection_wrapper::SyncConnectionWrapper;
use diesel_async::{AsyncConnection, RunQueryDsl, SimpleAsyncConnection};
use futures_util::FutureExt;

use crate::StatusRow;
use crate::events::Spoken;

type Conn = SyncConnectionWrapper<SqliteConnection>;
pub(crate) type Pool = diesel_async::pooled_connection::deadpool::Pool<Conn>;

diesel::table! {
    workspaces (workspace_id) {
        workspace_id -> Text,
        state -> Text,
        gateway -> Nullable<Text>,
        enabled_at -> Nullable<TimestamptzSqlite>,
    }
}

crate::tables!(TimestamptzSqlite);

pub(crate) fn pool(path: &str) -> Pool {
    pool_of(path, 4)
}

pub(crate) fn pool_of(path: &str, size: usize) -> Pool {
    let mut config = ManagerConfig::<Conn>::default();
    config.recycling_method = RecyclingMethod::Fast;
    config.custom_setup = Box::new(|path| {
        let path = path.to_owned();
        async move {
            let mut conn = Conn::establish(&path).await?;
            conn.batch_execute(
                "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;",
            )
            .await
            .unwrap();
            Ok(conn)
        }
        .boxed()
    });
    let manager = AsyncDieselConnectionManager::new_with_config(path, config);
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
