//! A payer has at most one live subscription in an app (invariant I2): the second one is ended and undone.

use billing_domain::ports::StoreError;
use billing_domain::{CallOutcome, CallPurpose, GatewayCommand, StripeId, Subscription, SyncTarget};
use chrono::TimeDelta;

use super::CLOCK_SKEW;
use crate::change::Tx;

/// The pause before a refund is tried again that was refused or failed: its payment may still have been pending, or the
/// balance too low.
const REFUND_RETRIED_AFTER: TimeDelta = TimeDelta::days(1);
/// The time after the end of a duplicate for which its refund is tried again.
const REFUND_RETRIED_FOR: TimeDelta = TimeDelta::days(30);

impl Tx {
    /// Ends every live subscription of the payer in the app but the oldest (invariant I2), in whatever order they are
    /// fetched. One that was last seen before the newest began may have ended since, and is fetched first.
    pub(super) async fn end_duplicates(&mut self, subscription: &Subscription) -> Result<(), StoreError> {
        let (app, payer) = (&subscription.app_id, &subscription.payer);
        let mut live =
            self.work.subscriptions().live_subscriptions_of(&self.workspace.id, app, payer).await?;
        // A payer belongs to one environment: nobody's test subscription ends a live one (I8).
        live.retain(|other| other.environment_id == subscription.environment_id);
        if live.len() < 2 {
            return Ok(());
        }
        let newest = live.iter().filter_map(|other| other.state.times.made_at()).max().unwrap_or(self.now);
        let seen_since = newest.min(self.now);
        let is_stale = |other: &&Subscription| other.id != subscription.id && other.synced_at < seen_since;
        let stale: Vec<_> = live.iter().filter(is_stale).cloned().collect();
        for other in &stale {
            let target = SyncTarget::Subscription(other.stripe_object());
            self.mark_stale(&other.gateway_account_id, &target).await?;
        }
        if !stale.is_empty() {
            return Ok(());
        }
        live.sort_by_key(|other| (other.state.times.made_at(), other.stripe_id.clone()));
        for duplicate in live.iter().skip(1) {
            self.end_duplicate(duplicate).await?;
        }
        Ok(())
    }

    async fn end_duplicate(&mut self, duplicate: &Subscription) -> Result<(), StoreError> {
        let (account, id) = (&duplicate.gateway_account_id, duplicate.id);
        let end = self.latest_call(account, &CallPurpose::CancelDuplicate { subscription_id: id }).await?;
        if end.is_some_and(|call| matches!(call.outcome, CallOutcome::Done(_))) {
            // It has ended, and its mirror does not say so yet.
            return self.mark_stale(account, &SyncTarget::Subscription(duplicate.stripe_object())).await;
        }
        tracing::warn!(
            workspace_id = %self.workspace.id, subscription_id = %id,
            "a second subscription of a payer is ended"
        );
        let cancel = GatewayCommand::CancelSubscription { subscription: duplicate.stripe_object() };
        self.prepare_due_call(account, CallPurpose::CancelDuplicate { subscription_id: id }, &cancel).await
    }

    /// Gives back what was paid for a subscription that was ended as a duplicate, and takes it out of the figures of
    /// revenue: it was sold by mistake. One that had ended by itself was none.
    pub(super) async fn undo_duplicate(
        &mut self,
        subscription: &Subscription,
        unrefunded: &[StripeId],
    ) -> Result<(), StoreError> {
        let purpose = CallPurpose::CancelDuplicate { subscription_id: subscription.id };
        let end = self.latest_call(&subscription.gateway_account_id, &purpose).await?;
        let ended_at = subscription.state.times.ended_at;
        let was_ended = end.is_some_and(|call| {
            let was_live = ended_at.is_none_or(|ended| call.prepared_at - CLOCK_SKEW <= ended);
            was_live && matches!(call.outcome, CallOutcome::Done(_))
        });
        if !was_ended || subscription.is_live() {
            return Ok(());
        }
        self.uncount(subscription).await?;
        for payment in unrefunded {
            self.refund_duplicate(subscription, payment.clone()).await?;
        }
        Ok(())
    }

    /// Gives back a payment for a duplicate, whenever it comes: an invoice of it may be paid later. Stripe has no refund of
    /// it, or a failed one; a refund is tried again daily.
    async fn refund_duplicate(
        &mut self,
        subscription: &Subscription,
        payment_intent: StripeId,
    ) -> Result<(), StoreError> {
        let (account, subscription_id) = (&subscription.gateway_account_id, subscription.id);
        let command = GatewayCommand::Refund { payment_intent: payment_intent.clone() };
        let refund = CallPurpose::RefundDuplicate { subscription_id, payment_intent };
        if let Some(call) = self.latest_call(account, &refund).await? {
            let ended_at = subscription.state.times.ended_at;
            let retried_until = ended_at.map(|ended| ended + REFUND_RETRIED_FOR);
            let is_too_late = retried_until.is_some_and(|until| until <= self.now);
            let is_over = match call.outcome {
                // Its settlement may have been set aside.
                CallOutcome::Unresolved => false,
                // A refund that was made may fail days later.
                CallOutcome::Done(_) | CallOutcome::Refused(_) => {
                    is_too_late || self.now < call.prepared_at + REFUND_RETRIED_AFTER
                }
            };
            if is_over {
                return Ok(());
            }
        }
        self.prepare_due_call(account, refund, &command).await
    }
}
