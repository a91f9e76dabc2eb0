use billing_domain::ports::StoreError;
use billing_domain::{Money, Plan, PlanId, Price, PriceId, StoredTerms, Timestamp, WorkspaceId};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::catalogs;
use super::dialect::{Backend, Conn, one_of};
use super::schema::prices;
use crate::error::store_error;
use crate::row::{Row, written};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = prices, check_for_backend(Backend))]
struct PriceRow {
    workspace_id: String,
    price_id: String,
    plan_id: String,
    minor_units: i64,
    currency: String,
    billing_interval: String,
    archived_at: Option<Timestamp>,
    created_at: Timestamp,
}

impl PriceRow {
    fn new(workspace: &WorkspaceId, price: &Price) -> Self {
        let amount = price.terms.amount();
        Self {
            workspace_id: workspace.to_string(),
            price_id: price.id.to_string(),
            plan_id: price.plan_id.to_string(),
            minor_units: amount.minor_units(),
            currency: amount.currency().code().to_owned(),
            billing_interval: price.terms.interval().to_string(),
            archived_at: price.archived_at,
            created_at: price.created_at,
        }
    }

    fn into_domain(self) -> Result<Price, StoreError> {
        let row = Row { table: "prices", key: &self.price_id };
        let terms = StoredTerms {
            amount: Money::new(self.minor_units, row.read("currency", self.currency.as_str())?),
            interval: row.read("billing_interval", self.billing_interval.as_str())?,
        };
        Ok(Price {
            id: row.read("price_id", self.price_id.as_str())?,
            plan_id: row.read("plan_id", self.plan_id.as_str())?,
            terms: row.read("minor_units", terms)?,
            archived_at: self.archived_at,
            created_at: self.created_at,
        })
    }
}

/// The prices of these plans of one workspace, oldest first per plan. Ordered by plan so that SQLite uses the index
/// on plans instead of scanning the workspace.
pub(super) async fn of_plans(
    conn: &mut Conn,
    workspace: &WorkspaceId,
    plans: &[Plan],
) -> Result<Vec<Price>, StoreError> {
    let rows: Vec<PriceRow> = prices::table
        .filter(prices::workspace_id.eq(workspace.as_str()))
        .filter(one_of("prices.plan_id", plans.iter().map(|plan| plan.id.to_string())))
        .order((prices::plan_id, prices::price_id))
        .select(PriceRow::as_select())
        .load(conn)
        .await
        .map_err(store_error)?;
    rows.into_iter().map(PriceRow::into_domain).collect()
}

pub(super) async fn insert(
    conn: &mut Conn,
    workspace: &WorkspaceId,
    price: &Price,
) -> Result<(), StoreError> {
    diesel::insert_into(prices::table)
        .values(PriceRow::new(workspace, price))
        .execute(conn)
        .await
        .map_err(store_error)?;
    catalogs::count_change_of_plan(conn, workspace, price.plan_id).await
}

/// Saves the archiving of a price.
pub(super) async fn save(conn: &mut Conn, workspace: &WorkspaceId, price: &Price) -> Result<(), StoreError> {
    let updated = diesel::update(prices::table.find((workspace.as_str(), price.id.to_string())))
        .filter(prices::plan_id.eq(price.plan_id.to_string()))
        .filter(prices::archived_at.is_null())
        .set(prices::archived_at.eq(price.archived_at))
        .execute(conn)
        .await
        .map_err(store_error)?;
    written(updated)?;
    catalogs::count_change_of_plan(conn, workspace, price.plan_id).await
}

/// The plan of a price, archived or not.
pub(super) async fn plan_of(
    conn: &mut Conn,
    workspace: &WorkspaceId,
    price: PriceId,
) -> Result<Option<PlanId>, StoreError> {
    let key = price.to_string();
    let plan: Option<String> = prices::table
        .find((workspace.as_str(), &key))
        .select(prices::plan_id)
        .get_result(conn)
        .await
        .optional()
        .map_err(store_error)?;
    let row = Row { table: "prices", key: &key };
    plan.map(|plan| row.read("plan_id", plan)).transpose()
}
