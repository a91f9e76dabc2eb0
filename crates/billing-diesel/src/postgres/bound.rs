use std::error::Error;

use diesel::QueryResult;
use diesel::pg::{Pg, PgMetadataLookup, PgQueryBuilder, PgTypeMetadata};
use diesel::query_builder::bind_collector::RawBytesBindCollector;
use diesel::query_builder::{QueryBuilder, QueryFragment};
use diesel::result::Error as DieselError;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type};

/// The SQL of a query and the values of its parameters.
pub(super) struct BoundQuery {
    pub(super) sql: String,
    pub(super) parameters: Vec<(Value, Type)>,
    /// The SQL is the same whatever the values are.
    pub(super) can_be_kept: bool,
}

pub(super) fn bound(query: &impl QueryFragment<Pg>) -> QueryResult<BoundQuery> {
    let mut builder = PgQueryBuilder::default();
    query.to_sql(&mut builder, &Pg)?;
    let mut values = RawBytesBindCollector::<Pg>::new();
    query.collect_binds(&mut values, &mut BuiltInTypes, &Pg)?;
    let parameters = values.metadata.iter().zip(values.binds);
    let parameters: QueryResult<_> =
        parameters.map(|(metadata, value)| Ok((Value(value), type_of(metadata)?))).collect();
    Ok(BoundQuery {
        sql: builder.finish(),
        parameters: parameters?,
        can_be_kept: query.is_safe_to_cache_prepared(&Pg)?,
    })
}

fn type_of(metadata: &PgTypeMetadata) -> QueryResult<Type> {
    let oid = metadata.oid().map_err(|error| DieselError::SerializationError(Box::new(error)))?;
    Type::from_oid(oid)
        .ok_or_else(|| DieselError::SerializationError(format!("no type has oid {oid}").into()))
}

/// The schema has no types of its own.
struct BuiltInTypes;

impl PgMetadataLookup for BuiltInTypes {
    fn lookup_type(&mut self, _name: &str, _schema: Option<&str>) -> PgTypeMetadata {
        PgTypeMetadata::new(0, 0)
    }
}

/// A value that Diesel has encoded.
#[derive(Debug)]
pub(super) struct Value(Option<Vec<u8>>);

impl ToSql for Value {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match &self.0 {
            Some(bytes) => {
                out.extend_from_slice(bytes);
                Ok(IsNull::No)
            }
            None => Ok(IsNull::Yes),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn to_sql_checked(&self, of: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        self.to_sql(of, out)
    }
}
