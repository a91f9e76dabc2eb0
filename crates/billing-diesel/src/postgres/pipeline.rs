//! Statements as messages to Postgres.

use std::collections::HashMap;
use std::pin::pin;

use futures_util::TryStreamExt;
use futures_util::future::join_all;
use tokio_postgres::{Client, Error, Row, Statement};

use super::bound::{BoundQuery, Value};

/// Prepared statements by their SQL.
pub(super) type Prepared = HashMap<String, Statement>;

/// A statement that can be sent.
pub(super) enum Message<'a> {
    /// SQL without parameters or rows.
    Command(&'a str),
    /// A statement that has been prepared.
    Prepared(Statement, Vec<Value>),
    /// A statement with its SQL and without a name.
    Unnamed(BoundQuery),
}

#[derive(Default)]
pub(super) struct Answer {
    pub(super) rows: Vec<Row>,
    pub(super) affected: u64,
}

/// The message for a query. Waits for an answer if the query is prepared now.
pub(super) async fn message(
    client: &Client,
    prepared: Option<&mut Prepared>,
    query: BoundQuery,
) -> Result<Message<'static>, Error> {
    let Some(prepared) = prepared.filter(|_| query.can_be_kept) else { return Ok(Message::Unnamed(query)) };
    let (values, types): (Vec<_>, Vec<_>) = query.parameters.into_iter().unzip();
    let statement = if let Some(statement) = prepared.get(&query.sql) {
        statement.clone()
    } else {
        let statement = client.prepare_typed(&query.sql, &types).await?;
        prepared.entry(query.sql).or_insert(statement).clone()
    };
    Ok(Message::Prepared(statement, values))
}

/// Sends a message, and waits for its answer. It is sent when the future is polled for the first time.
pub(super) async fn answer(client: &Client, message: Message<'_>) -> Result<Answer, Error> {
    let answered = match message {
        Message::Command(sql) => return client.batch_execute(sql).await.map(|()| Answer::default()),
        Message::Prepared(statement, values) => client.query_raw(&statement, values).await?,
        Message::Unnamed(query) => client.query_typed_raw(&query.sql, query.parameters).await?,
    };
    let mut answered = pin!(answered);
    let mut rows = Vec::new();
    while let Some(row) = answered.try_next().await? {
        rows.push(row);
    }
    Ok(Answer { rows, affected: answered.rows_affected().unwrap_or_default() })
}

/// Sends the messages one after the other without waiting in between, and waits for all answers: where one is a failure,
/// those after it are too, and the first tells the cause.
pub(super) async fn answers(
    client: &Client,
    messages: impl IntoIterator<Item = Message<'_>>,
) -> Result<Vec<Answer>, Error> {
    join_all(messages.into_iter().map(|message| answer(client, message))).await.into_iter().collect()
}
