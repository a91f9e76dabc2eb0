//! How the rows of a list of subscriptions or invoices are found, so that its time does not depend on their number.

use billing_domain::ports::{PayerSearch, StoreError};
use diesel::dsl::{Desc, Eq, Gt, GtEq, Lt, Select};
use diesel::prelude::*;
use diesel::query_builder::{Query, QueryFragment};
use diesel::query_dsl::methods::{FilterDsl, OrderDsl, SelectDsl};
use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;

use super::condition::{Column, Condition, Written};
use super::dialect::{Backend, Conn, PAYER_ID};
use super::lists::Beyond;
use crate::error::store_error;

pub(super) const STATUS: Column = Column { indexed: "status", hidden: "status || ''" };
pub(super) const PLAN_ID: Column = Column { indexed: "plan_id", hidden: "plan_id || ''" };
pub(super) const SUBSCRIPTION_ID: Column =
    Column { indexed: "subscription_id", hidden: "subscription_id || ''" };
pub(super) const ENVIRONMENT_ID: Column =
    Column { indexed: "environment_id", hidden: "environment_id || ''" };
const PAYER_KIND: Column = Column { indexed: "payer_kind", hidden: "payer_kind || ''" };
pub(super) const INVOICE_ID: Column = Column { indexed: "invoice_id", hidden: "invoice_id || ''" };

/// A query of one table that takes these conditions.
pub(super) trait Filtered:
    Sized
    + FilterDsl<Eq<Written, String>, Output = Self>
    + FilterDsl<Gt<Written, String>, Output = Self>
    + FilterDsl<GtEq<Written, String>, Output = Self>
    + FilterDsl<Lt<Written, String>, Output = Self>
    + FilterDsl<Condition<()>, Output = Self>
{
}

impl<Q> Filtered for Q where
    Q: FilterDsl<Eq<Written, String>, Output = Q>
        + FilterDsl<Gt<Written, String>, Output = Q>
        + FilterDsl<GtEq<Written, String>, Output = Q>
        + FilterDsl<Lt<Written, String>, Output = Q>
        + FilterDsl<Condition<()>, Output = Q>
{
}

/// A condition of a list.
pub(super) enum Test {
    Is(Column, String),
    Begins(Column, String),
    /// The condition of a partial index.
    Holds(&'static str),
}

impl Test {
    /// The column has the value, if there is one.
    pub(super) fn is(column: Column, value: Option<impl ToString>) -> Option<Self> {
        value.map(|value| Self::Is(column, value.to_string()))
    }

    /// The payer has the id, if one is asked for.
    pub(super) fn is_payer(payers: Option<&PayerSearch>) -> Option<Self> {
        let id = match payers? {
            PayerSearch::Payer(payer) => payer.id(),
            PayerSearch::Is(id) => id,
            PayerSearch::Begins(_) => return None,
        };
        Some(Self::Is(PAYER_ID, id.to_owned()))
    }

    /// The payer is of the kind, if one is asked for.
    pub(super) fn is_payer_kind(payers: Option<&PayerSearch>) -> Option<Self> {
        match payers? {
            PayerSearch::Payer(payer) => Some(Self::Is(PAYER_KIND, payer.kind().as_str().to_owned())),
            PayerSearch::Is(_) | PayerSearch::Begins(_) => None,
        }
    }

    fn apply<Q: Filtered>(&self, list: Q, is_indexed: bool) -> Q {
        let written = |column: &Column| Written(if is_indexed { column.indexed } else { column.hidden });
        match self {
            Self::Is(column, value) => FilterDsl::filter(list, written(column).eq(value.clone())),
            Self::Begins(column, text) => {
                let list = FilterDsl::filter(list, written(column).ge(text.clone()));
                FilterDsl::filter(list, written(column).lt(format!("{text}{}", char::MAX)))
            }
            Self::Holds(condition) => FilterDsl::filter(list, Condition::constant(condition)),
        }
    }
}

/// The conditions of a list, and which of them an index answers. The others are written so that the planner, which knows the
/// numbers of rows at best roughly, considers no index of theirs.
pub(super) struct SaleList {
    /// Conditions that an index answers together, newest first.
    shared: Vec<Test>,
    /// A condition that few rows meet, newest first by an index of its own. Then the shared ones are looked at row by row.
    narrow: Option<Test>,
    /// The beginning of the payers' ids.
    payers: Option<Test>,
    reach: Reach,
}

/// The rows among which payers are looked for that are known by the beginning of their ids.
enum Reach {
    /// All of theirs, which are few enough to be ordered.
    Theirs,
    /// The newest of the list, if it has a row beyond them.
    Newest { beyond: Option<String> },
}

impl SaleList {
    /// The list with these conditions. Of the `narrow` ones an index is taken of the first.
    pub(super) fn new(
        shared: impl IntoIterator<Item = Option<Test>>,
        narrow: [Option<Test>; 2],
        payers: Option<&PayerSearch>,
    ) -> Self {
        let mut narrow = narrow.into_iter().flatten();
        let first = narrow.next();
        let payers = match payers {
            Some(PayerSearch::Begins(text)) => Some(Test::Begins(PAYER_ID, text.clone())),
            Some(PayerSearch::Is(_) | PayerSearch::Payer(_)) | None => None,
        };
        let shared = shared.into_iter().flatten().chain(narrow).collect();
        Self { shared, narrow: first, payers, reach: Reach::Theirs }
    }

    /// The key of the list, by which it is ordered.
    pub(super) fn key(&self, column: Column) -> Written {
        Written(if self.is_sorted() { column.hidden } else { column.indexed })
    }

    /// Whether no index has the rows in the order of the list. Their keys are sorted first then, without the rows.
    pub(super) fn is_sorted(&self) -> bool {
        self.of_payers_alone().is_some() && matches!(self.reach, Reach::Theirs)
    }

    /// Whether the list has rows that are not looked at.
    pub(super) fn is_cut(&self) -> bool {
        matches!(self.reach, Reach::Newest { beyond: Some(_) })
    }

    fn of_payers_alone(&self) -> Option<&Test> {
        self.payers.as_ref().filter(|_| self.narrow.is_none())
    }

    /// Decides among which rows payers are looked for. `rows` are those of the app, and `key` is the column by which lists are
    /// ordered.
    pub(super) async fn reach<Q>(
        mut self,
        conn: &mut Conn,
        rows: impl Fn() -> Q,
        key: Column,
    ) -> Result<Self, StoreError>
    where
        Q: Filtered + SelectDsl<Written> + OrderDsl<Desc<Written>, Output = Q>,
        Select<Q, Written>: QueryFragment<Backend> + Query<SqlType = Text> + Send,
    {
        let Some(payers) = self.of_payers_alone() else { return Ok(self) };
        let key = Written(key.indexed);
        let theirs = payers.apply(rows(), true);
        if after_scanned(conn, SelectDsl::select(theirs, key)).await?.is_some() {
            let newest = OrderDsl::order(self.sharing(rows(), true), key.desc());
            self.reach = Reach::Newest { beyond: after_scanned(conn, SelectDsl::select(newest, key)).await? };
        }
        Ok(self)
    }

    /// The rows of the list, of those of the app.
    pub(super) fn of<Q: Filtered>(&self, rows: Q, key: Column) -> Q {
        match (&self.narrow, &self.payers, &self.reach) {
            (Some(narrow), payers, _) => {
                let rows = self.sharing(narrow.apply(rows, true), false);
                payers.iter().fold(rows, |rows, payers| payers.apply(rows, false))
            }
            (None, None, _) => self.sharing(rows, true),
            (None, Some(payers), Reach::Theirs) => self.sharing(payers.apply(rows, true), false),
            (None, Some(payers), Reach::Newest { beyond }) => {
                let rows = payers.apply(self.sharing(rows, true), false);
                beyond.iter().fold(rows, |rows, beyond| {
                    FilterDsl::filter(rows, Written(key.indexed).gt(beyond.clone()))
                })
            }
        }
    }

    fn sharing<Q: Filtered>(&self, rows: Q, is_indexed: bool) -> Q {
        self.shared.iter().fold(rows, |rows, test| test.apply(rows, is_indexed))
    }
}

/// The key of the row after those that are looked at.
async fn after_scanned<Q>(conn: &mut Conn, keys: Q) -> Result<Option<String>, StoreError>
where
    Q: QueryFragment<Backend> + Query<SqlType = Text> + Send,
{
    Beyond(keys, PayerSearch::SCANNED).get_result(conn).await.optional().map_err(store_error)
}
