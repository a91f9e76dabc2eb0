//! Statements with a list of rows, each with the same columns.

use std::marker::PhantomData;

use billing_domain::Timestamp;
use billing_domain::ports::StoreError;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;

use super::dialect::{self, Backend, Batch, Conn, UtcTime};
use crate::error::store_error;

/// The number of rows in a statement: SQLite takes 32,766 parameters, Postgres 65,535.
const AT_A_TIME: usize = 1_000;

/// The most rows of a statement that stays prepared: each number of rows is another one.
const PREPARED: usize = 32;

/// A value of a row.
pub(in super::super) enum Cell<'a> {
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

/// Two pieces of SQL that `VALUES` stand between.
pub(super) type Around = (&'static str, &'static str);

/// A row of three texts.
pub(in super::super) type Found = (String, String, String);

/// A query for rows of three texts, by a list of rows.
pub(in super::super) struct Lookup<'a, const N: usize> {
    around: Around,
    rows: Vec<[Cell<'a>; N]>,
}

impl<'a, const N: usize> Lookup<'a, N> {
    pub(super) fn new(around: Around, rows: Vec<[Cell<'a>; N]>) -> Self {
        Self { around, rows }
    }

    /// Its statements.
    pub(in super::super) fn parts(&self) -> impl Iterator<Item = Values<'_, N, (Text, Text, Text)>> {
        self.rows.chunks(AT_A_TIME).map(|part| Values::new(self.around, part))
    }
}

/// A statement with `VALUES` between two pieces of SQL. `ST` is the type of what a query selects.
pub(in super::super) struct Values<'a, const N: usize, ST> {
    around: Around,
    rows: &'a [[Cell<'a>; N]],
    selected: PhantomData<fn() -> ST>,
}

impl<'a, const N: usize, ST> Values<'a, N, ST> {
    fn new(around: Around, rows: &'a [[Cell<'a>; N]]) -> Self {
        Self { around, rows, selected: PhantomData }
    }
}

impl<const N: usize, ST> QueryFragment<Backend> for Values<'_, N, ST> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        if self.rows.len() > PREPARED {
            out.unsafe_to_cache_prepared();
        }
        out.push_sql(self.around.0);
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
        out.push_sql(self.around.1);
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

/// Runs a statement with `VALUES`, in the order of the rows. Few rows at a time, all in the caller's transaction.
pub(super) async fn write<const N: usize>(
    conn: &mut Conn,
    around: Around,
    rows: &[[Cell<'_>; N]],
) -> Result<(), StoreError> {
    for part in rows.chunks(AT_A_TIME) {
        Values::<N, ()>::new(around, part).execute(conn).await.map_err(store_error)?;
    }
    Ok(())
}

/// Adds the same to the last writes of the transaction.
pub(super) async fn add<const N: usize>(
    batch: &mut Batch,
    conn: &mut Conn,
    around: Around,
    rows: &[[Cell<'_>; N]],
) -> Result<(), StoreError> {
    for part in rows.chunks(AT_A_TIME) {
        batch.add(conn, Values::<N, ()>::new(around, part)).await.map_err(store_error)?;
    }
    Ok(())
}

pub(super) async fn read<const N: usize>(
    conn: &mut Conn,
    lookup: &Lookup<'_, N>,
) -> Result<Vec<Found>, StoreError> {
    let mut found = Vec::new();
    for part in lookup.parts() {
        found.extend(part.load(conn).await.map_err(store_error)?);
    }
    Ok(found)
}

/// The answer to `needed`, and the one to `ahead` where that costs no wait of its own.
pub(super) async fn read_ahead<const N: usize>(
    conn: &mut Conn,
    needed: &Lookup<'_, N>,
    ahead: &Lookup<'_, N>,
) -> Result<(Vec<Found>, Option<Vec<Found>>), StoreError> {
    dialect::read_ahead(conn, needed, ahead).await.map_err(store_error)
}
