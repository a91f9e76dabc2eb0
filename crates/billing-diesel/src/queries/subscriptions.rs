use billing_domain::ports::{StoreError, SubscriptionRepository};
use billing_domain::{Subscription, WorkspaceSubscription};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::schema::{subscriptions, workspace_subscriptions};
use super::unit_of_work::DieselUnitOfWork;
use crate::error::store_error;
use crate::row::payer_columns;

#[async_trait::async_trait]
impl SubscriptionRepository for DieselUnitOfWork {
    async fn save_subscription(&mut self, subscription: &Subscription) -> Result<(), StoreError> {
        let (payer_kind, payer_id) = payer_columns(&subscription.payer);
        let status = subscriptions::status.eq(subscription.status.as_str());
        diesel::insert_into(subscriptions::table)
            .values((
                subscriptions::workspace_id.eq(subscription.workspace_id.as_str()),
                subscriptions::subscription_id.eq(subscription.id.to_string()),
                subscriptions::app_id.eq(subscription.app_id.as_str()),
                subscriptions::environment_id.eq(subscription.environment_id.as_str()),
                subscriptions::payer_kind.eq(payer_kind),
                subscriptions::payer_id.eq(payer_id),
                subscriptions::gateway_account_id.eq(subscription.gateway_account_id.as_str()),
                subscriptions::stripe_subscription_id.eq(subscription.stripe_id.as_str()),
                status,
            ))
            .on_conflict((subscriptions::workspace_id, subscriptions::stripe_subscription_id))
            .do_update()
            .set(status)
            .execute(self.conn()?)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn save_workspace_subscription(
        &mut self,
        subscription: &WorkspaceSubscription,
    ) -> Result<(), StoreError> {
        let status = workspace_subscriptions::status.eq(subscription.status.as_str());
        diesel::insert_into(workspace_subscriptions::table)
            .values((
                workspace_subscriptions::workspace_id.eq(subscription.workspace_id.as_str()),
                workspace_subscriptions::stripe_subscription_id.eq(subscription.stripe_id.as_str()),
                status,
            ))
            .on_conflict((
                workspace_subscriptions::workspace_id,
                workspace_subscriptions::stripe_subscription_id,
            ))
            .do_update()
            .set(status)
            .execute(self.conn()?)
            .await
            .map_err(store_error)?;
        Ok(())
    }
}
