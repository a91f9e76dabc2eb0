//! Retention: deletes expired rows. They are read first, so that where there are none, no transaction is begun; and they
//! are deleted by their keys, so that every copy of a directory loses the same rows.

use billing_domain::ports::{Retention, StoreError, UnitOfWork};
use billing_domain::{CallPurpose, GatewayAccountId, Timestamp, WorkspaceId};
use diesel::dsl::not;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;

use super::checkout_intents::UNCLOSED;
use super::condition::Condition;
use super::schema::{
    checkout_intents, drifts, gateway_calls, stripe_events, unplaced_events, workspace_subscriptions,
};
use super::store::DieselBillingStore;
use crate::error::store_error;
use crate::row::Row;

/// In the words of the partial index, which answers to no bound value.
const SETTLED: &str = "outcome <> 'unresolved'";

/// Reads the ids of the oldest expired rows, and deletes those rows in a transaction of their own. Evaluates to the
/// number of deleted rows.
macro_rules! delete_oldest {
    ($expired:expr, $age:expr, $id:expr, $limit:expr, $reader:expr, $begin:expr) => {{
        let ids: Vec<String> = $expired
            .order($age)
            .limit($limit.into())
            .select($id)
            .load(&mut *$reader.await?)
            .await
            .map_err(store_error)?;
        if ids.is_empty() {
            return Ok(0);
        }
        let mut work = $begin.await?;
        let deleted = diesel::delete($expired.filter($id.eq_any(ids)))
            .execute(work.conn()?)
            .await
            .map_err(store_error)?;
        Box::new(work).commit().await?;
        u64::try_from(deleted).unwrap_or(u64::MAX)
    }};
}

#[async_trait::async_trait]
impl Retention for DieselBillingStore {
    async fn paying_workspaces(
        &self,
        after: Option<(WorkspaceId, GatewayAccountId)>,
        limit: u32,
    ) -> Result<Vec<(WorkspaceId, GatewayAccountId)>, StoreError> {
        let (workspace, account): (String, String) =
            after.map(|(workspace, account)| (workspace.into(), account.into())).unwrap_or_default();
        let after = (workspace.into_sql::<Text>(), account.into_sql::<Text>());
        let is_after = Condition::new("(workspace_id, gateway_account_id) > (".to_owned(), after, ")");
        let pair = (workspace_subscriptions::workspace_id, workspace_subscriptions::gateway_account_id);
        let pairs: Vec<(String, String)> = workspace_subscriptions::table
            .filter(is_after)
            .order(pair)
            .limit(limit.into())
            .select(pair)
            .distinct()
            .load(&mut *self.reader_of_the_service().await?)
            .await
            .map_err(store_error)?;
        let read = |(workspace, account): (String, String)| {
            let row = Row { table: "workspace_subscriptions", key: &workspace };
            Ok((row.read("workspace_id", workspace.as_str())?, row.read("gateway_account_id", account)?))
        };
        pairs.into_iter().map(read).collect()
    }

    async fn delete_expired_events(
        &self,
        workspace: &WorkspaceId,
        account: &GatewayAccountId,
        before: Timestamp,
        limit: u32,
    ) -> Result<u64, StoreError> {
        let expired = || {
            stripe_events::table
                .filter(stripe_events::workspace_id.eq(workspace.as_str()))
                .filter(stripe_events::account.eq(account.as_str()))
                .filter(stripe_events::received_at.lt(before))
        };
        Ok(delete_oldest!(
            expired(),
            stripe_events::received_at,
            stripe_events::event_id,
            limit,
            self.reader(workspace),
            self.begin_in(workspace)
        ))
    }

    async fn delete_expired_drifts(
        &self,
        workspace: &WorkspaceId,
        account: &GatewayAccountId,
        before: Timestamp,
        limit: u32,
    ) -> Result<u64, StoreError> {
        let expired = || {
            drifts::table
                .filter(drifts::workspace_id.eq(workspace.as_str()))
                .filter(drifts::account.eq(account.as_str()))
                .filter(drifts::found_at.lt(before))
        };
        Ok(delete_oldest!(
            expired(),
            drifts::found_at,
            drifts::drift_id,
            limit,
            self.reader(workspace),
            self.begin_in(workspace)
        ))
    }

    async fn delete_expired_calls(
        &self,
        workspace: &WorkspaceId,
        account: &GatewayAccountId,
        before: Timestamp,
        limit: u32,
    ) -> Result<u64, StoreError> {
        let [cancel_duplicate, refund_duplicate] =
            CallPurpose::KINDS_OF_DUPLICATES.map(|kind| format!("{kind}/%"));
        let expired = || {
            let needed = checkout_intents::table
                .filter(checkout_intents::workspace_id.eq(workspace.as_str()))
                .filter(Condition::constant(UNCLOSED))
                .select(checkout_intents::call_id);
            gateway_calls::table
                .filter(gateway_calls::workspace_id.eq(workspace.as_str()))
                .filter(gateway_calls::account.eq(account.as_str()))
                .filter(gateway_calls::prepared_at.lt(before))
                .filter(Condition::constant(SETTLED))
                .filter(not(gateway_calls::subject.like(cancel_duplicate.as_str())))
                .filter(not(gateway_calls::subject.like(refund_duplicate.as_str())))
                .filter(not(gateway_calls::call_id.eq_any(needed)))
        };
        Ok(delete_oldest!(
            expired(),
            gateway_calls::prepared_at,
            gateway_calls::call_id,
            limit,
            self.reader(workspace),
            self.begin_in(workspace)
        ))
    }

    async fn delete_expired_unplaced_events(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let expired = || unplaced_events::table.filter(unplaced_events::received_at.lt(before));
        Ok(delete_oldest!(
            expired(),
            unplaced_events::received_at,
            unplaced_events::event_id,
            limit,
            self.reader_of_the_service(),
            self.begin_of_the_service()
        ))
    }
}
