use deadpool::Runtime;
use diesel::prelude::*;
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod};
use diesel_async::sync_connection_wrapper::SyncConnectionWrapper;
use diesel_async::{AsyncConnection, RunQueryDsl, SimpleAsyncConnection};
use futures_util::FutureExt;

use crate::StatusRow;

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

pub(crate) fn pool(path: &str) -> Pool {
    let mut config = ManagerConfig::<Conn>::default();
    config.recycling_method = RecyclingMethod::Fast;
    config.custom_setup = Box::new(|path| {
        let path = path.to_owned();
        async move {
            let mut conn = Conn::establish(&path).await?;
            conn.batch_execute("PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL;").await.unwrap();
            Ok(conn)
        }
        .boxed()
    });
    let manager = AsyncDieselConnectionManager::new_with_config(path, config);
    Pool::builder(manager).max_size(4).runtime(Runtime::Tokio1).build().unwrap()
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
