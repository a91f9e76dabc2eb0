use billing_domain::ports::StoreError;
use billing_domain::{RevenueHistory, RevenueSighting, Subscription, Timestamp};

use crate::change::Tx;

impl Tx {
    /// Saves the mirror of a subscription with what it means for the figures of revenue, in this transaction.
    pub(super) async fn save_mirror(
        &mut self,
        before: Option<&Subscription>,
        after: &Subscription,
        billed_at: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        self.work.subscriptions().save_subscription(after).await?;
        let revenue = self.work.revenue();
        let history = revenue.revenue_history(&after.workspace_id, after.id).await?;
        let followed = history.followed(&RevenueSighting {
            before: before.map(|before| &before.state),
            seen_before_at: before.map(|before| before.synced_at),
            state: &after.state,
            billed_at,
            at: after.synced_at,
        });
        if followed != history {
            revenue.save_revenue_history(after, &history, &followed).await?;
        }
        Ok(())
    }

    /// Takes a subscription out of the figures of revenue, as if it had never counted.
    pub(super) async fn uncount(&mut self, subscription: &Subscription) -> Result<(), StoreError> {
        let revenue = self.work.revenue();
        let history = revenue.revenue_history(&subscription.workspace_id, subscription.id).await?;
        if history.changes().is_empty() {
            return Ok(());
        }
        revenue.save_revenue_history(subscription, &history, &RevenueHistory::default()).await
    }
}
