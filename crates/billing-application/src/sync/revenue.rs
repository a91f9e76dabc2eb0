use billing_domain::ports::StoreError;
use billing_domain::{RevenueSighting, Subscription, Timestamp};

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
        let counted_as = |it: &Subscription| (it.state.status.clone(), it.is_ending());
        if before.map(counted_as) != Some(counted_as(after)) {
            if let Some(before) = before {
                revenue.uncount_subscription(before).await?;
            }
            revenue.count_subscription(after).await?;
        }
        let history = revenue.revenue_history(&after.workspace_id, after.id).await?;
        let followed = history.followed(&RevenueSighting {
            before: before.map(|before| &before.state.status),
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
}
