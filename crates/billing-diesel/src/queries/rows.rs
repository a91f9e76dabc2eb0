//! Statements with a list of rows, each with the same columns.

use std::marker::PhantomData;

use billing_domain::Timestamp;
use billing_domain::ports::StoreError;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;

use super::dialect::{Backend, Conn, UtcTime};
use crate::error::store_error;

/// The number of rows in a statement: SQLite takes 32,766 parameters, Postgres 65,535.
const AT_A_TIME: usize = 1_000;

/// The most rows of a statement that stays prepared: each number of rows is another one.
const PREPARED: usize = 32;

/// A value of a row.
pub(super) enum Cell<'a> {
    Text(&'a str),
    Time(Timestamp),
    Sql(&'static str),
}

impl<'a> From<&'a str> for Cell<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<Option<&'a str>> for Cell<'a> {
    fn from(text: Option<&'a str>) -> Self {
        text.map_or(Self::Sql("NULL"), Self::from)
    }
}

impl From<Timestamp> for Cell<'_> {
    fn from(moment: Timestamp) -> Self {
        Self::Time(moment)
    }
}

/// `VALUES` between two pieces of SQL. `ST` is the type of what a query selects.
struct Values<'a, const N: usize, ST> {
    before: &'static str,
    rows: &'a [[Cell<'a>; N]],
    after: &'static str,
    selected: PhantomData<fn() -> ST>,
}

impl<'a, const N: usize, ST> Values<'a, N, ST> {
    fn new(before: &'static str, rows: &'a [[Cell<'a>; N]], after: &'static str) -> Self {
        Self { before, rows, after, selected: PhantomData }
    }
}

impl<const N: usize, ST> QueryFragment<Backend> for Values<'_, N, ST> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        if self.rows.len() > PREPARED {
            out.unsafe_to_cache_prepared();
        }
        out.push_sql(self.before);
        for (number, row) in self.rows.iter().enumerate() {
            out.push_sql(if number == 0 { " VALUES (" } else { "), (" });
            for (number, cell) in row.iter().enumerate() {
                if number > 0 {
                    out.push_sql(", ");
                }
                match cell {
                    Cell::Text(text) => out.push_bind_param::<Text, str>(text)?,
                    Cell::Time(moment) => out.push_bind_param::<UtcTime, _>(moment)?,
                    Cell::Sql(sql) => out.push_sql(sql),
                }
            }
        }
        out.push_sql(") ");
        out.push_sql(self.after);
        Ok(())
    }
}

impl<const N: usize, ST> QueryId for Values<'_, N, ST> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<const N: usize, ST> Query for Values<'_, N, ST> {
    type SqlType = ST;
}

/// Runs a statement `before VALUES … after`, in the order of the rows. Few rows at a time, all in the caller's
/// transaction.
pub(super) async fn write<const N: usize>(
    conn: &mut Conn,
    before: &'static str,
    rows: &[[Cell<'_>; N]],
    after: &'static str,
) -> Result<(), StoreError> {
    for part in rows.chunks(AT_A_TIME) {
        Values::<N, ()>::new(before, part, after).execute(conn).await.map_err(store_error)?;
    }
    Ok(())
}

/// The rows that a query `before VALUES … after` selects, each of three texts.
pub(super) async fn read<const N: usize>(
    conn: &mut Conn,
    before: &'static str,
    rows: &[[Cell<'_>; N]],
    after: &'static str,
) -> Result<Vec<(String, String, String)>, StoreError> {
    let mut found = Vec::new();
    for part in rows.chunks(AT_A_TIME) {
        let query = Values::<N, (Text, Text, Text)>::new(before, part, after);
        found.extend(query.load(conn).await.map_err(store_error)?);
    }
    Ok(found)
}
