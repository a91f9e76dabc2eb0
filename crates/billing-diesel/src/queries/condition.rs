use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Bool, Text};

use super::dialect::Backend;

/// A condition in SQL around its values. Its text does not depend on them, so that the statement stays prepared: one
/// with Diesel's own `sql` is planned anew each time.
pub(in super::super) struct Condition<V> {
    before: String,
    values: V,
    after: &'static str,
}

impl<V> Condition<V> {
    pub(in super::super) fn new(before: String, values: V, after: &'static str) -> Self {
        Self { before, values, after }
    }
}

impl Condition<()> {
    pub(in super::super) fn constant(text: &str) -> Self {
        Self::new(text.to_owned(), (), "")
    }
}

impl<V: QueryFragment<Backend>> QueryFragment<Backend> for Condition<V> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        out.push_sql(&self.before);
        self.values.walk_ast(out.reborrow())?;
        out.push_sql(self.after);
        Ok(())
    }
}

impl<V> Expression for Condition<V> {
    type SqlType = Bool;
}

impl<V, T> AppearsOnTable<T> for Condition<V> {}

impl<V> ValidGrouping<()> for Condition<V> {
    type IsAggregate = is_aggregate::Never;
}

impl<V> QueryId for Condition<V> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

/// The two ways to write a column of a condition.
#[derive(Clone, Copy)]
pub(in super::super) struct Column {
    /// As an index has it.
    pub(in super::super) indexed: &'static str,
    /// With the same value, so that no index of it is considered: the planner then goes by the other conditions.
    pub(in super::super) hidden: &'static str,
}

/// A text in SQL, without values.
#[derive(Clone, Copy)]
pub(super) struct Written(pub(super) &'static str);

impl QueryFragment<Backend> for Written {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        out.push_sql(self.0);
        Ok(())
    }
}

impl Expression for Written {
    type SqlType = Text;
}

impl<T> AppearsOnTable<T> for Written {}

impl<T> SelectableExpression<T> for Written {}

impl ValidGrouping<()> for Written {
    type IsAggregate = is_aggregate::No;
}

impl QueryId for Written {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

#[cfg(test)]
mod tests {
    use super::super::dialect::one_of;
    use super::*;

    #[test]
    fn a_statement_with_a_condition_stays_prepared() {
        let of_plans = one_of("prices.plan_id", ["plan_1".to_owned()].into_iter());
        assert!(of_plans.is_safe_to_cache_prepared(&Backend::default()).unwrap());
    }
}
