use std::error::Error;
use std::num::NonZeroU32;
use std::ops::Range;

use diesel::pg::{Pg, PgValue};
use diesel::row::{Field, PartialRow, Row, RowIndex, RowSealed};
use tokio_postgres::types::{FromSql, Type};

/// A row of the driver as Diesel reads it.
pub(crate) struct PgRow {
    row: tokio_postgres::Row,
    types: Vec<NonZeroU32>,
}

impl PgRow {
    pub(super) fn new(row: tokio_postgres::Row) -> Self {
        let type_of = |column: &tokio_postgres::Column| {
            NonZeroU32::new(column.type_().oid()).unwrap_or(NonZeroU32::MIN)
        };
        let types = row.columns().iter().map(type_of).collect();
        Self { row, types }
    }
}

impl RowSealed for PgRow {}

impl<'a> Row<'a, Pg> for PgRow {
    type Field<'f>
        = PgField<'f>
    where
        'a: 'f,
        Self: 'f;
    type InnerPartialRow = Self;

    fn field_count(&self) -> usize {
        self.types.len()
    }

    fn get<'b, I>(&'b self, index: I) -> Option<Self::Field<'b>>
    where
        'a: 'b,
        Self: RowIndex<I>,
    {
        let index = self.idx(index)?;
        Some(PgField { row: self, index })
    }

    fn partial_row(&self, range: Range<usize>) -> PartialRow<'_, Self::InnerPartialRow> {
        PartialRow::new(self, range)
    }
}

impl RowIndex<usize> for PgRow {
    fn idx(&self, index: usize) -> Option<usize> {
        (index < self.types.len()).then_some(index)
    }
}

impl<'a> RowIndex<&'a str> for PgRow {
    fn idx(&self, name: &'a str) -> Option<usize> {
        self.row.columns().iter().position(|column| column.name() == name)
    }
}

/// A value of a row.
pub(crate) struct PgField<'a> {
    row: &'a PgRow,
    index: usize,
}

impl<'a> Field<'a, Pg> for PgField<'a> {
    fn field_name(&self) -> Option<&str> {
        self.row.row.columns().get(self.index).map(tokio_postgres::Column::name)
    }

    fn value(&self) -> Option<PgValue<'_>> {
        let bytes: Option<Bytes<'_>> = self.row.row.try_get(self.index).ok().flatten();
        Some(PgValue::new(bytes?.0, self.row.types.get(self.index)?))
    }
}

/// The value as it was sent; Diesel decodes it.
struct Bytes<'a>(&'a [u8]);

impl<'a> FromSql<'a> for Bytes<'a> {
    fn from_sql(_: &Type, bytes: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(bytes))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}
