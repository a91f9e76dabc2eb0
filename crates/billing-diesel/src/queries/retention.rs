//! The deletion of rows that are needed no longer. What is to be deleted is read first, so that where there is nothing, no
//! transaction is begun; and it is deleted by its keys, so that every copy of a directory loses the same rows.

use billing_domain::ports::{Retention, StoreError, UnitOfWork};
use billing_domain::{GatewayAccountId, Timestamp, WorkspaceId};
use diesel::dsl::not;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::condition::Condition;
use super::schema::{checkout_intents, gateway_calls, stripe_events, unplaced_events};
use super::store::DieselBillingStore;
use crate::error::store_error;

/// In the words of the partial index, which answers to no bound value.
const SETTLED: &str = "outcome <> 'unresolved'";

/// `CheckoutIntentState::is_closed` in the words of the partial index.
const NOT_CLOSED: &str = "state NOT IN ('synced', 'expired', 'refused')";

/// The subjects of `CallPurpose::CancelDuplicate` and `CallPurpose::RefundDuplicate`.
const OF_DUPLICATES: [&str; 2] = ["cancel_duplicate/%", "refund_duplicate/%"];

#[async_trait::async_trait]
impl Retention for DieselBillingStore {
    async fn forget_events(
        &self,
        workspace: &WorkspaceId,
        account: &GatewayAccountId,
        before: Timestamp,
        limit: u32,
    ) -> Result<u64, StoreError> {
        let old = || {
            stripe_events::table
                .filter(stripe_events::workspace_id.eq(workspace.as_str()))
                .filter(stripe_events::account.eq(account.as_str()))
                .filter(stripe_events::received_at.lt(before))
        };
        let ids: Vec<String> = old()
            .order(stripe_events::received_at)
            .limit(limit.into())
            .select(stripe_events::event_id)
            .load(&mut *self.reader(workspace).await?)
            .await
            .map_err(store_error)?;
        if ids.is_empty() {
            return Ok(0);
        }
        let mut work = self.begin_in(workspace).await?;
        let deleted = diesel::delete(old().filter(stripe_events::event_id.eq_any(ids)))
            .execute(work.conn()?)
            .await
            .map_err(store_error)?;
        Box::new(work).commit().await?;
        Ok(number(deleted))
    }

    async fn forget_calls(
        &self,
        workspace: &WorkspaceId,
        account: &GatewayAccountId,
        before: Timestamp,
        limit: u32,
    ) -> Result<u64, StoreError> {
        let needed = checkout_intents::table
            .filter(checkout_intents::workspace_id.eq(workspace.as_str()))
            .filter(Condition::constant(NOT_CLOSED))
            .select(checkout_intents::call_id);
        let old = gateway_calls::table
            .filter(gateway_calls::workspace_id.eq(workspace.as_str()))
            .filter(gateway_calls::account.eq(account.as_str()))
            .filter(gateway_calls::prepared_at.lt(before))
            .filter(Condition::constant(SETTLED))
            .filter(not(gateway_calls::subject.like(OF_DUPLICATES[0])))
            .filter(not(gateway_calls::subject.like(OF_DUPLICATES[1])))
            .filter(not(gateway_calls::call_id.eq_any(needed)));
        let ids: Vec<String> = old
            .order(gateway_calls::prepared_at)
            .limit(limit.into())
            .select(gateway_calls::call_id)
            .load(&mut *self.reader(workspace).await?)
            .await
            .map_err(store_error)?;
        if ids.is_empty() {
            return Ok(0);
        }
        let mut work = self.begin_in(workspace).await?;
        let settled = gateway_calls::table
            .filter(gateway_calls::workspace_id.eq(workspace.as_str()))
            .filter(gateway_calls::call_id.eq_any(ids))
            .filter(Condition::constant(SETTLED));
        let deleted = diesel::delete(settled).execute(work.conn()?).await.map_err(store_error)?;
        Box::new(work).commit().await?;
        Ok(number(deleted))
    }

    async fn forget_unplaced_events(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let ids: Vec<String> = unplaced_events::table
            .filter(unplaced_events::received_at.lt(before))
            .order(unplaced_events::received_at)
            .limit(limit.into())
            .select(unplaced_events::event_id)
            .load(&mut *self.reader_of_the_service().await?)
            .await
            .map_err(store_error)?;
        if ids.is_empty() {
            return Ok(0);
        }
        let mut work = self.begin_of_the_service().await?;
        let old = unplaced_events::table
            .filter(unplaced_events::event_id.eq_any(ids))
            .filter(unplaced_events::received_at.lt(before));
        let deleted = diesel::delete(old).execute(work.conn()?).await.map_err(store_error)?;
        Box::new(work).commit().await?;
        Ok(number(deleted))
    }
}

fn number(deleted: usize) -> u64 {
    u64::try_from(deleted).unwrap_or(u64::MAX)
}
