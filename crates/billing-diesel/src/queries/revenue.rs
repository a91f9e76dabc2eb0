use std::collections::BTreeMap;

use billing_domain::ports::{RevenueReader, RevenueRepository, StoreError};
use billing_domain::{
    AppId, EnvironmentId, Month, RevenueChange, RevenueHistory, RevenueTotal, Subscription, SubscriptionId,
    Timestamp, WorkspaceId,
};
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;

use super::dialect::{Backend, Conn};
use super::sale_counts;
use super::schema::{revenue_changes, revenue_totals};
use super::store::DieselBillingStore;
use super::unit_of_work::DieselUnitOfWork;
use crate::error::store_error;
use crate::row::Row;

/// The grains of totals.
const DAY: &str = "day";
const MONTH: &str = "month";

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = revenue_changes, check_for_backend(Backend))]
struct ChangeRow {
    workspace_id: String,
    subscription_id: String,
    position: i64,
    app_id: String,
    environment_id: String,
    at: Timestamp,
    day: String,
    currency: String,
    twelfths: i64,
    is_new: bool,
    is_churn: bool,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = revenue_totals, check_for_backend(Backend))]
struct TotalRow {
    period: String,
    currency: String,
    twelfths: i64,
    new_count: i64,
    churned_count: i64,
}

/// The differences of one total.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Difference {
    twelfths: i64,
    new: i64,
    churned: i64,
}

impl Difference {
    fn add(&mut self, change: &RevenueChange, sign: i64) {
        self.twelfths += sign * change.twelfths;
        self.new += sign * i64::from(change.is_new);
        self.churned += sign * i64::from(change.is_churn);
    }
}

fn day_of(moment: Timestamp) -> String {
    moment.date_naive().to_string()
}

impl ChangeRow {
    fn new(subscription: &Subscription, position: i64, change: &RevenueChange) -> Self {
        Self {
            workspace_id: subscription.workspace_id.to_string(),
            subscription_id: subscription.id.to_string(),
            position,
            app_id: subscription.app_id.to_string(),
            environment_id: subscription.environment_id.to_string(),
            at: change.at,
            day: day_of(change.at),
            currency: change.currency.to_string(),
            twelfths: change.twelfths,
            is_new: change.is_new,
            is_churn: change.is_churn,
        }
    }

    fn into_domain(self) -> Result<RevenueChange, StoreError> {
        let row = Row { table: "revenue_changes", key: &self.subscription_id };
        Ok(RevenueChange {
            at: self.at,
            currency: row.read("currency", self.currency)?,
            twelfths: self.twelfths,
            is_new: self.is_new,
            is_churn: self.is_churn,
        })
    }
}

impl TotalRow {
    /// The total, as part of its month.
    fn into_domain(self) -> Result<RevenueTotal, StoreError> {
        let row = Row { table: "revenue_totals", key: &self.period };
        let month: String = self.period.chars().take(Month::LENGTH).collect();
        Ok(RevenueTotal {
            month: row.read("period", month)?,
            currency: row.read("currency", self.currency)?,
            twelfths: self.twelfths,
            new: self.new_count,
            churned: self.churned_count,
        })
    }
}

#[async_trait::async_trait]
impl RevenueReader for DieselBillingStore {
    async fn revenue_totals(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        environment: &EnvironmentId,
        now: Timestamp,
    ) -> Result<Vec<RevenueTotal>, StoreError> {
        let (month, today) = (Month::of(now).to_string(), day_of(now));
        let of_month = revenue_totals::grain.eq(MONTH).and(revenue_totals::period.lt(month.clone()));
        let of_day = revenue_totals::grain.eq(DAY).and(revenue_totals::period.between(month, today));
        let rows: Vec<TotalRow> = revenue_totals::table
            .filter(revenue_totals::workspace_id.eq(workspace.as_str()))
            .filter(revenue_totals::app_id.eq(app.as_str()))
            .filter(revenue_totals::environment_id.eq(environment.as_str()))
            .filter(of_month.or(of_day))
            .order((revenue_totals::period, revenue_totals::currency))
            .select(TotalRow::as_select())
            .load(&mut *self.reader(workspace).await?)
            .await
            .map_err(store_error)?;
        rows.into_iter().map(TotalRow::into_domain).collect()
    }
}

#[async_trait::async_trait]
impl RevenueRepository for DieselUnitOfWork {
    async fn revenue_history(
        &mut self,
        workspace: &WorkspaceId,
        subscription: SubscriptionId,
    ) -> Result<RevenueHistory, StoreError> {
        let rows: Vec<ChangeRow> = revenue_changes::table
            .filter(revenue_changes::workspace_id.eq(workspace.as_str()))
            .filter(revenue_changes::subscription_id.eq(subscription.to_string()))
            .order(revenue_changes::position)
            .select(ChangeRow::as_select())
            .load(self.conn()?)
            .await
            .map_err(store_error)?;
        let changes: Result<_, StoreError> = rows.into_iter().map(ChangeRow::into_domain).collect();
        Ok(RevenueHistory::new(changes?))
    }

    async fn save_revenue_history(
        &mut self,
        subscription: &Subscription,
        before: &RevenueHistory,
        after: &RevenueHistory,
    ) -> Result<(), StoreError> {
        let (old, new) = (before.changes(), after.changes());
        let kept = old.iter().zip(new).take_while(|(old, new)| old == new).count();
        let conn = self.conn()?;
        if kept < old.len() {
            diesel::delete(revenue_changes::table)
                .filter(revenue_changes::workspace_id.eq(subscription.workspace_id.as_str()))
                .filter(revenue_changes::subscription_id.eq(subscription.id.to_string()))
                .filter(revenue_changes::position.ge(i64::try_from(kept).unwrap_or(i64::MAX)))
                .execute(&mut *conn)
                .await
                .map_err(store_error)?;
        }
        for (position, change) in (0_i64..).zip(new).skip(kept) {
            diesel::insert_into(revenue_changes::table)
                .values(ChangeRow::new(subscription, position, change))
                .execute(&mut *conn)
                .await
                .map_err(store_error)?;
        }
        for ((period, currency), difference) in differences(&old[kept..], &new[kept..]) {
            for (grain, period) in [(DAY, period.as_str()), (MONTH, &period[..Month::LENGTH])] {
                add(&mut *conn, subscription, (grain, period), currency, difference).await?;
            }
        }
        Ok(())
    }

    async fn rebuild_revenue(&mut self, workspace: &WorkspaceId) -> Result<(), StoreError> {
        let conn = self.conn()?;
        diesel::delete(revenue_totals::table.filter(revenue_totals::workspace_id.eq(workspace.as_str())))
            .execute(&mut *conn)
            .await
            .map_err(store_error)?;
        for statement in [summed(DAY, "day"), summed(MONTH, "substr(day, 1, 7)")] {
            diesel::sql_query(statement)
                .bind::<Text, _>(workspace.as_str())
                .execute(&mut *conn)
                .await
                .map_err(store_error)?;
        }
        sale_counts::rebuild(conn, workspace).await
    }
}

/// The differences of the totals of each day and currency.
fn differences(old: &[RevenueChange], new: &[RevenueChange]) -> BTreeMap<(String, &'static str), Difference> {
    let mut differences: BTreeMap<_, Difference> = BTreeMap::new();
    for (changes, sign) in [(old, -1), (new, 1)] {
        for change in changes {
            let total = (day_of(change.at), change.currency.code());
            differences.entry(total).or_default().add(change, sign);
        }
    }
    differences.retain(|_, difference| *difference != Difference::default());
    differences
}

async fn add(
    conn: &mut Conn,
    subscription: &Subscription,
    (grain, period): (&str, &str),
    currency: &str,
    difference: Difference,
) -> Result<(), StoreError> {
    use revenue_totals as totals;
    diesel::insert_into(totals::table)
        .values((
            totals::workspace_id.eq(subscription.workspace_id.as_str()),
            totals::app_id.eq(subscription.app_id.as_str()),
            totals::environment_id.eq(subscription.environment_id.as_str()),
            totals::grain.eq(grain),
            totals::period.eq(period),
            totals::currency.eq(currency),
            totals::twelfths.eq(difference.twelfths),
            totals::new_count.eq(difference.new),
            totals::churned_count.eq(difference.churned),
        ))
        .on_conflict((
            totals::workspace_id,
            totals::app_id,
            totals::environment_id,
            totals::grain,
            totals::period,
            totals::currency,
        ))
        .do_update()
        .set((
            totals::twelfths.eq(totals::twelfths + excluded(totals::twelfths)),
            totals::new_count.eq(totals::new_count + excluded(totals::new_count)),
            totals::churned_count.eq(totals::churned_count + excluded(totals::churned_count)),
        ))
        .execute(conn)
        .await
        .map_err(store_error)?;
    Ok(())
}

/// The statement that sums up the changes of a workspace.
fn summed(grain: &str, period: &str) -> String {
    format!(
        "INSERT INTO revenue_totals (workspace_id, app_id, environment_id, grain, period, currency, twelfths, \
         new_count, churned_count) \
         SELECT workspace_id, app_id, environment_id, '{grain}', {period}, currency, \
         CAST(SUM(twelfths) AS BIGINT), COUNT(CASE WHEN is_new THEN 1 END), COUNT(CASE WHEN is_churn THEN 1 END) \
         FROM revenue_changes WHERE workspace_id = $1 \
         GROUP BY workspace_id, app_id, environment_id, {period}, currency"
    )
}
