use billing_domain::ports::StoreError;
use billing_domain::{
    GatewayAccountId, StripeSubscriptionId, SubscriptionStatus, WorkspaceId, WorkspaceSubscription,
};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::dialect::Conn;
use super::schema::workspace_subscriptions;
use crate::error::store_error;

pub(super) async fn one(
    conn: &mut Conn,
    workspace: &WorkspaceId,
    account: &GatewayAccountId,
    stripe_id: &StripeSubscriptionId,
) -> Result<Option<WorkspaceSubscription>, StoreError> {
    let row = workspace_subscriptions::table.find((workspace.as_str(), account.as_str(), stripe_id.as_str()));
    let status: Option<String> =
        row.select(workspace_subscriptions::status).get_result(conn).await.optional().map_err(store_error)?;
    Ok(status.map(|status| WorkspaceSubscription {
        workspace_id: workspace.clone(),
        gateway_account_id: account.clone(),
        stripe_id: stripe_id.clone(),
        status: SubscriptionStatus::from_stripe(&status),
    }))
}

pub(super) async fn save(conn: &mut Conn, subscription: &WorkspaceSubscription) -> Result<(), StoreError> {
    let status = workspace_subscriptions::status.eq(subscription.status.as_str());
    diesel::insert_into(workspace_subscriptions::table)
        .values((
            workspace_subscriptions::workspace_id.eq(subscription.workspace_id.as_str()),
            workspace_subscriptions::gateway_account_id.eq(subscription.gateway_account_id.as_str()),
            workspace_subscriptions::stripe_subscription_id.eq(subscription.stripe_id.as_str()),
            status,
        ))
        .on_conflict((
            workspace_subscriptions::workspace_id,
            workspace_subscriptions::gateway_account_id,
            workspace_subscriptions::stripe_subscription_id,
        ))
        .do_update()
        .set(status)
        .execute(conn)
        .await
        .map_err(store_error)?;
    Ok(())
}
