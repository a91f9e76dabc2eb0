//! SQL behind the store's back.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

pub(crate) async fn execute(url: &str, sql: &str) {
    match url.strip_prefix("sqlite://") {
        Some(path) => sqlite(path).batch_execute(sql).unwrap(),
        None => postgres(url).await.batch_execute(sql).await.unwrap(),
    }
}

/// The column `line` of each row, sorted.
pub(crate) async fn lines(url: &str, sql: &str) -> Vec<String> {
    let rows: Vec<Line> = if let Some(path) = url.strip_prefix("sqlite://") {
        diesel::sql_query(sql).load(&mut sqlite(path)).unwrap()
    } else {
        let mut conn = postgres(url).await;
        diesel_async::RunQueryDsl::load(diesel::sql_query(sql), &mut conn).await.unwrap()
    };
    let mut lines: Vec<_> = rows.into_iter().map(|row| row.line).collect();
    lines.sort();
    lines
}

fn sqlite(path: &str) -> SqliteConnection {
    let mut conn = SqliteConnection::establish(path).unwrap();
    conn.batch_execute("PRAGMA busy_timeout = 5000").unwrap();
    conn
}

async fn postgres(url: &str) -> AsyncPgConnection {
    AsyncPgConnection::establish(url).await.unwrap()
}

/// Whether the database refuses the statement.
pub(crate) async fn fails(url: &str, sql: &str) -> bool {
    match url.strip_prefix("sqlite://") {
        Some(path) => sqlite(path).batch_execute(sql).is_err(),
        None => postgres(url).await.batch_execute(sql).await.is_err(),
    }
}

/// A connection to Postgres whose transaction has run this and stays open until it is dropped.
pub(crate) async fn holding(url: &str, sql: &str) -> AsyncPgConnection {
    let mut conn = postgres(url).await;
    conn.batch_execute(&format!("BEGIN; {sql}")).await.unwrap();
    conn
}
