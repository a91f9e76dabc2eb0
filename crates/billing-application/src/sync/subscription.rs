use std::convert::Infallible;

use async_trait::async_trait;
use billing_domain::ports::StoreError;
use billing_domain::{
    CheckoutIntent, CheckoutIntentState, GatewayAccountId, GatewaySubscription, LinkSubject, StripeId,
    StripeSubscriptionId, Subscription, SubscriptionId, SubscriptionState, SubscriptionStatus,
    SubscriptionTimes, SyncTarget, Timestamp,
};

use super::{CLOCK_SKEW, Customer};
use crate::change::{Change, Decision, Gate, Tx};
use crate::closing::recovery_of;
use crate::refusal::Refused;

/// Writes the fetched state of a subscription to its mirror, with all that follows from it: its intent is closed, its
/// trial is recorded, a second subscription of the payer is ended (I2), and billing that is off is turned on (I1.4).
#[derive(Debug, Clone)]
pub(crate) struct FollowSubscription {
    pub(crate) account: GatewayAccountId,
    pub(crate) id: StripeSubscriptionId,
    /// `None` if Stripe has no such subscription any more.
    pub(crate) fetched: Option<GatewaySubscription>,
    /// The payments to give back; `None` unless it was ended as a payer's second.
    pub(crate) unrefunded: Option<Vec<StripeId>>,
    /// The moment before it was asked for.
    pub(crate) fetched_at: Timestamp,
    /// Whether everything on the account is the workspace's.
    pub(crate) is_own_account: bool,
    /// Whether nothing but reconciliation had it fetched.
    pub(crate) is_reconciled: bool,
}

#[async_trait]
impl Change for FollowSubscription {
    const NAME: &'static str = "follow_subscription";
    /// Whether reconciliation has mended the mirror.
    type Answer = bool;
    type Refusal = Infallible;

    fn gate(&self) -> Gate<'_> {
        Gate::Always
    }

    async fn decide(&self, tx: &mut Tx) -> Result<Decision<bool>, Refused<Infallible>> {
        let subscriptions = tx.work.subscriptions();
        let before = subscriptions.mirrored_subscription(&tx.workspace.id, &self.account, &self.id).await?;
        match (before, &self.fetched) {
            (None, None) => {
                let is_own = tx.follow_workspace_subscription(&self.account, &self.id, None).await?;
                Ok(if is_own { Decision::Changed(false) } else { Decision::Unchanged(false) })
            }
            (Some(before), None) => self.forget(tx, before).await,
            (Some(before), Some(fetched)) => self.follow(tx, before, fetched).await,
            // What was sold to a customer of ours is none by which the workspace pays, whatever its metadata says: a
            // merchant can write it.
            (None, Some(fetched)) => match tx.customer(&self.account, &fetched.customer).await? {
                Some(customer) => self.adopt(tx, fetched, customer).await,
                None => self.see(tx, fetched).await,
            },
        }
    }
}

impl FollowSubscription {
    /// Ends the mirror of a subscription that was deleted with its test data: Stripe charges nothing for it.
    async fn forget(&self, tx: &mut Tx, before: Subscription) -> Result<Decision<bool>, Refused<Infallible>> {
        let times = SubscriptionTimes {
            ended_at: before.state.times.ended_at.or(Some(tx.now)),
            ..before.state.times.clone()
        };
        let state = SubscriptionState { status: SubscriptionStatus::Canceled, times, ..before.state.clone() };
        let Some(after) = before.follow(state, self.fetched_at).filter(|_| before.is_live()) else {
            self.seen_again(tx).await?;
            return Ok(Decision::Changed(false));
        };
        tx.save_mirror(Some(&before), &after, None).await?;
        tx.audit_changed(&before, &after).await?;
        if self.is_reconciled {
            tx.record_drift(&self.account, self.id.clone().into(), Some(&before), None).await?;
        }
        Ok(Decision::Changed(self.is_reconciled))
    }

    async fn follow(
        &self,
        tx: &mut Tx,
        before: Subscription,
        fetched: &GatewaySubscription,
    ) -> Result<Decision<bool>, Refused<Infallible>> {
        let state = self.state(tx, fetched).await?;
        let after = before.follow(state, self.fetched_at);
        let mut is_mended = false;
        let after = match after {
            Some(after) => {
                tx.save_mirror(Some(&before), &after, fetched.billed_at).await?;
                if !before.is_completed_by(&after.state) {
                    tx.audit_changed(&before, &after).await?;
                    // No webhook need tell of the end of a discount, which is known ahead.
                    let now = self.fetched_at + CLOCK_SKEW;
                    is_mended =
                        self.is_reconciled && before.state.lasting_at(now) != after.state.lasting_at(now);
                }
                if is_mended {
                    tx.record_drift(&self.account, self.id.clone().into(), Some(&before), Some(&after))
                        .await?;
                }
                after
            }
            // The ends of duplicates and the changes that people ask for look at the moment.
            None => {
                let seen = Subscription { synced_at: self.fetched_at.max(before.synced_at), ..before };
                tx.work.subscriptions().save_subscription(&seen).await?;
                self.seen_again(tx).await?;
                seen
            }
        };
        self.consequences(tx, &after).await?;
        Ok(Decision::Changed(is_mended))
    }

    /// A webhook came for what is mirrored already.
    async fn seen_again(&self, tx: &mut Tx) -> Result<(), StoreError> {
        if self.is_reconciled {
            return Ok(());
        }
        tx.withdraw_drift(&self.account, &self.id.clone().into()).await
    }

    /// Follows the workspace's own subscription, or sees one of a customer that is not ours.
    async fn see(
        &self,
        tx: &mut Tx,
        fetched: &GatewaySubscription,
    ) -> Result<Decision<bool>, Refused<Infallible>> {
        if tx.follow_workspace_subscription(&self.account, &self.id, Some(fetched)).await? {
            return Ok(Decision::Changed(false));
        }
        // No blocker of ours tells of it.
        let is_seen = self.is_own_account && fetched.status.is_live();
        let is_on = is_seen && (tx.interrupt_closing().await? || tx.reopen(&self.account).await?);
        let target = SyncTarget::Subscription(self.id.clone().into());
        let is_awaited = tx.await_customer(&self.account, &target, fetched.times.created_at).await?;
        Ok(if is_on || is_awaited { Decision::Changed(false) } else { Decision::Unchanged(false) })
    }

    async fn adopt(
        &self,
        tx: &mut Tx,
        fetched: &GatewaySubscription,
        customer: Customer,
    ) -> Result<Decision<bool>, Refused<Infallible>> {
        let intent = tx.intent_of(&self.account, fetched.intent_id).await?;
        let intent = intent.filter(|intent| customer.is_payer_of(intent));
        let subscription = Subscription {
            id: SubscriptionId::from_uuid(tx.ports.ids.uuid_v7()),
            workspace_id: tx.workspace.id.clone(),
            app_id: customer.app_id,
            environment_id: customer.environment_id,
            payer: customer.payer,
            gateway_account_id: self.account.clone(),
            stripe_id: self.id.clone(),
            customer: fetched.customer.clone(),
            intent_id: intent.map(|intent| intent.id),
            state: self.state(tx, fetched).await?,
            synced_at: self.fetched_at,
        };
        tx.save_mirror(None, &subscription, fetched.billed_at).await?;
        tx.audit_created(&subscription).await?;
        // Mirrored before their subscription, its invoices do not name it yet.
        for invoice in tx.work.invoices().unattached_invoices(&subscription).await? {
            tx.mark_stale(&self.account, &SyncTarget::Invoice(invoice)).await?;
        }
        if self.is_reconciled {
            tx.record_drift(&self.account, self.id.clone().into(), None, Some(&subscription)).await?;
        }
        self.consequences(tx, &subscription).await?;
        Ok(Decision::Changed(self.is_reconciled))
    }

    async fn state(
        &self,
        tx: &mut Tx,
        fetched: &GatewaySubscription,
    ) -> Result<SubscriptionState, StoreError> {
        let price = match &fetched.price {
            Some(price) => {
                tx.work.gateway_links().link_subject(&tx.workspace.id, &self.account, price).await?
            }
            None => None,
        };
        let price_id = match price {
            Some(LinkSubject::Price(price)) => Some(price),
            Some(LinkSubject::Customer { .. } | LinkSubject::Product(_)) | None => None,
        };
        let plan_id = match price_id {
            Some(price) => tx.work.plans().plan_of_price(&tx.workspace.id, price).await?,
            None => None,
        };
        Ok(SubscriptionState {
            status: fetched.status.clone(),
            plan_id,
            price_id,
            quantity: fetched.quantity,
            recurring: fetched.recurring.clone(),
            times: fetched.times.clone(),
        })
    }

    async fn consequences(&self, tx: &mut Tx, subscription: &Subscription) -> Result<(), StoreError> {
        if let Some(intent) = tx.intent_of(&self.account, subscription.intent_id).await? {
            tx.close_sold(&intent).await?;
        }
        if subscription.state.times.trial_end.is_some() {
            let at = subscription.state.times.started_at.unwrap_or(tx.now);
            let (app, payer) = (&subscription.app_id, &subscription.payer);
            tx.work.subscriptions().record_trial(&tx.workspace.id, app, payer, at).await?;
        }
        if subscription.is_live() {
            tx.reopen(&self.account).await?;
            tx.end_duplicates(subscription).await?;
        }
        match &self.unrefunded {
            Some(unrefunded) => tx.undo_duplicate(subscription, unrefunded).await,
            None => Ok(()),
        }
    }
}

impl Tx {
    /// Closes the intent of a subscription that is mirrored.
    pub(super) async fn close_sold(&mut self, intent: &CheckoutIntent) -> Result<(), StoreError> {
        if intent.state.is_closed() {
            return Ok(());
        }
        let complete = CheckoutIntent { state: CheckoutIntentState::Complete, ..intent.clone() };
        self.advance_intent(intent, CheckoutIntentState::Complete, None).await?;
        self.advance_intent(&complete, CheckoutIntentState::Synced, None).await?;
        Ok(())
    }

    /// Turns billing on if it is off, because Stripe charges someone. On an account that the workspace never used, it
    /// charges others.
    async fn reopen(&mut self, account: &GatewayAccountId) -> Result<bool, StoreError> {
        if self.workspace.switch.is_on() {
            return Ok(false);
        }
        let gateway = self.work.gateway_links().gateway_of(&self.workspace.id, account).await?;
        let Some(change) = gateway.and_then(|gateway| self.workspace.switch.reopen(gateway, self.now)) else {
            return Ok(false);
        };
        self.save_switch(change).await?;
        Ok(true)
    }

    /// Ends a closing, billing on as before, because of a subscription that the guard may have overlooked.
    async fn interrupt_closing(&mut self) -> Result<bool, StoreError> {
        let Some(change) = self.workspace.switch.abort_closing() else { return Ok(false) };
        self.save_switch(change).await?;
        self.work.work().cancel(&recovery_of(&self.workspace.id)).await?;
        Ok(true)
    }
}
