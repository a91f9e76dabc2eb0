//! Parts of lists, and how many items a list has.

use billing_domain::ports::{Counted, Edge, SearchText, StoreError};
use diesel::dsl::{Asc, Desc, Gt, Lt, LtEq};
use diesel::expression::AsExpression;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::query_dsl::methods::{FilterDsl, OrderDsl};
use diesel::sql_types::{BigInt, Text};
use diesel_async::RunQueryDsl;

use super::dialect::{Backend, Conn};
use crate::error::store_error;

/// The rows of a list from this edge, whose `key` is the column it is ordered by. Those of a part towards newer items
/// come oldest first.
pub(super) fn part<Q, C, K>(list: Q, key: C, edge: Edge<K>) -> Q
where
    K: ToString,
    C: ExpressionMethods + Expression<SqlType = Text> + Copy,
    String: AsExpression<Text>,
    Q: FilterDsl<Lt<C, String>, Output = Q> + FilterDsl<Gt<C, String>, Output = Q>,
    Q: OrderDsl<Desc<C>, Output = Q> + OrderDsl<Asc<C>, Output = Q>,
{
    match edge {
        Edge::Newest => OrderDsl::order(list, key.desc()),
        Edge::OlderThan(than) => {
            OrderDsl::order(FilterDsl::filter(list, key.lt(than.to_string())), key.desc())
        }
        Edge::NewerThan(than) => {
            OrderDsl::order(FilterDsl::filter(list, key.gt(than.to_string())), key.asc())
        }
    }
}

/// Whether so many rows take milliseconds.
pub(super) fn is_long(limit: u32) -> bool {
    limit > 101
}

/// The first rows of a query.
pub(super) struct First<Q> {
    limit: i64,
    query: Q,
}

impl<Q> First<Q> {
    pub(super) fn new(limit: u32, query: Q) -> Self {
        Self { limit: limit.into(), query }
    }
}

/// SQLite compiles a statement anew whose limit is nothing but a bound value: it looks at the value while it plans.
impl<Q: QueryFragment<Backend>> QueryFragment<Backend> for First<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        self.query.walk_ast(out.reborrow())?;
        out.push_sql(" LIMIT ");
        out.push_bind_param::<BigInt, _>(&self.limit)?;
        out.push_sql(" + 0");
        Ok(())
    }
}

impl<Q> QueryId for First<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: Query> Query for First<Q> {
    type SqlType = Q::SqlType;
}

/// The key of the first row of an ordered list behind this many, which a scan looks at.
pub(super) struct Beyond<Q>(pub Q, pub u32);

impl<Q: QueryFragment<Backend>> QueryFragment<Backend> for Beyond<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        self.0.walk_ast(out.reborrow())?;
        out.push_sql(&format!(" LIMIT 1 OFFSET {}", self.1));
        Ok(())
    }
}

impl<Q> QueryId for Beyond<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: Query> Query for Beyond<Q> {
    type SqlType = Q::SqlType;
}

/// The two counts of a list.
pub(super) struct Count<Q> {
    /// Nothing is newer without it.
    newer: Option<Q>,
    others: Q,
}

impl<Q> Count<Q> {
    /// Of a list whose `key` is the column it is ordered by.
    pub(super) fn of<C, K>(list: impl Fn() -> Q, key: C, than: Option<K>) -> Self
    where
        K: ToString,
        C: ExpressionMethods + Expression<SqlType = Text> + Copy,
        Q: FilterDsl<LtEq<C, String>, Output = Q> + FilterDsl<Gt<C, String>, Output = Q>,
    {
        match than.map(|than| than.to_string()) {
            None => Self::split(None, list()),
            Some(than) => Self::split(
                Some(FilterDsl::filter(list(), key.gt(than.clone()))),
                FilterDsl::filter(list(), key.le(than)),
            ),
        }
    }

    /// Of what is newer than a key of a list whose number is known.
    pub(super) fn newer<C, K>(list: impl Fn() -> Q, key: C, than: Option<K>) -> Newer<Q>
    where
        K: ToString,
        C: ExpressionMethods + Expression<SqlType = Text> + Copy,
        Q: FilterDsl<Gt<C, String>, Output = Q>,
    {
        Newer(than.map(|than| Self::split(None, FilterDsl::filter(list(), key.gt(than.to_string())))))
    }

    pub(super) fn split(newer: Option<Q>, others: Q) -> Self {
        Self { newer, others }
    }

    /// Reads them. `is_cut` if a scan does not look at the whole list.
    pub(super) async fn read(self, conn: &mut Conn, is_cut: bool) -> Result<Counted, StoreError>
    where
        Q: QueryFragment<Backend> + Send,
    {
        let (newer, others): (i64, i64) = self.get_result(conn).await.map_err(store_error)?;
        let [newer, others] = [newer, others].map(i64::unsigned_abs);
        let counted = Counted::bounded(newer, newer + others);
        Ok(Counted { is_exact: counted.is_exact && !is_cut, ..counted })
    }
}

/// The count of what is newer; nothing is without it.
pub(super) struct Newer<Q>(Option<Count<Q>>);

impl<Q: QueryFragment<Backend> + Send> Newer<Q> {
    /// Reads it, for a list of `total` items.
    pub(super) async fn read_of(self, conn: &mut Conn, total: u64) -> Result<Counted, StoreError> {
        let newer = match self.0 {
            None => 0,
            Some(newer) => newer.read(conn, false).await?.total,
        };
        Ok(Counted { newer, total, is_exact: true })
    }
}

/// Each is counted up to one more than the bound.
impl<Q: QueryFragment<Backend>> QueryFragment<Backend> for Count<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        let limit = format!(" LIMIT {}) AS counted)", Counted::BOUND + 1);
        out.push_sql("SELECT ");
        match &self.newer {
            None => out.push_sql("CAST(0 AS BIGINT)"),
            Some(newer) => {
                out.push_sql("(SELECT COUNT(*) FROM (");
                newer.walk_ast(out.reborrow())?;
                out.push_sql(&limit);
            }
        }
        out.push_sql(", (SELECT COUNT(*) FROM (");
        self.others.walk_ast(out.reborrow())?;
        out.push_sql(&limit);
        Ok(())
    }
}

impl<Q> QueryId for Count<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q> Query for Count<Q> {
    type SqlType = (BigInt, BigInt);
}

/// The text as a pattern of `LIKE`, with `\` as the escape.
pub(super) fn pattern(text: &SearchText) -> String {
    let mut pattern = String::from("%");
    for character in text.as_str().chars() {
        match character {
            '%' | '_' | '\\' => pattern.extend(['\\', character]),
            // Postgres fails on NUL. No name has another control character either.
            '\0' => pattern.push('\u{1}'),
            _ => pattern.push(character),
        }
    }
    pattern + "%"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_takes_every_character_for_itself() {
        let pattern = |text| pattern(&SearchText::new(text).unwrap());
        assert_eq!(pattern("Pro"), "%Pro%");
        assert_eq!(pattern(r"50%_\"), r"%50\%\_\\%");
        assert_eq!(pattern("a\0b"), "%a\u{1}b%");
    }
}
