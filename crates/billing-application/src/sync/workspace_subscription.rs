use billing_domain::ports::StoreError;
use billing_domain::{
    GatewayAccountId, GatewaySubscription, StripeSubscriptionId, SubscriptionStatus, SyncTarget,
    WorkspaceSubscription,
};

use super::sync_of;
use crate::accounts::RECONCILED_EVERY;
use crate::change::Tx;

impl Tx {
    /// Writes the fetched state of the workspace's own subscription to its mirror. Returns whether it is one.
    ///
    /// One that Stripe does not have any more has ended. One whose metadata names the workspace no longer still charges:
    /// it is followed to its end. The lists of reconciliation are of the accounts that the workspace sells on; a live one
    /// is therefore fetched again by itself.
    pub(super) async fn follow_workspace_subscription(
        &mut self,
        account: &GatewayAccountId,
        id: &StripeSubscriptionId,
        fetched: Option<&GatewaySubscription>,
    ) -> Result<bool, StoreError> {
        let workspace = self.workspace.id.clone();
        let before = self.work.subscriptions().workspace_subscription(&workspace, account, id).await?;
        let status = match (&before, fetched) {
            (None, Some(fetched)) if fetched.paying_workspace.as_ref() != Some(&workspace) => {
                return Ok(false);
            }
            (None, None) => return Ok(false),
            (Some(before), None) if !before.status.is_live() => before.status.clone(),
            (Some(_), None) => SubscriptionStatus::Canceled,
            (_, Some(fetched)) => fetched.status.clone(),
        };
        if status.is_live() {
            let again = sync_of(&workspace, account, &SyncTarget::Subscription(id.clone().into()));
            self.schedule_in_background(&again, self.now + RECONCILED_EVERY).await?;
        }
        let after = WorkspaceSubscription {
            workspace_id: workspace,
            gateway_account_id: account.clone(),
            stripe_id: id.clone(),
            status,
        };
        if before.as_ref() == Some(&after) {
            return Ok(true);
        }
        self.work.subscriptions().save_workspace_subscription(&after).await?;
        match before {
            Some(before) => self.audit_changed(&before, &after).await?,
            None => self.audit_created(&after).await?,
        }
        Ok(true)
    }
}
