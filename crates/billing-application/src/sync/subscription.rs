use std::convert::Infallible;

use async_trait::async_trait;
use billing_domain::ports::StoreError;
use billing_domain::{
    CallOutcome, CallPurpose, CheckoutIntent, CheckoutIntentState, GatewayAccountId, GatewayCommand,
    GatewaySchedule, GatewaySubscription, LinkSubject, PlanId, PriceId, ScheduledChange, StripeId,
    StripeSubscriptionId, Subscription, SubscriptionId, SubscriptionSchedule, SubscriptionState,
    SubscriptionStatus, SubscriptionTimes, SyncTarget, Timestamp,
};

use chrono::TimeDelta;

use crate::change::{Change, Decision, Gate, Tx};
use crate::closing::recovery_of;
use crate::refusal::Refused;

/// The pause before a refused refund is tried again: its payment may still have been pending, or the balance too low.
const REFUND_RETRIED_AFTER: TimeDelta = TimeDelta::days(1);
/// The time after the end of a duplicate for which its refund is tried again.
const REFUND_RETRIED_FOR: TimeDelta = TimeDelta::days(30);

/// The difference that is allowed for between our clock and Stripe's.
const CLOCK_SKEW: TimeDelta = TimeDelta::minutes(5);

/// Writes the fetched state of a subscription to its mirror, with all that follows from it: its intent is closed, its
/// trial is recorded, a second subscription of the payer is ended (I2), and billing that is off is turned on (I1.4).
#[derive(Debug, Clone)]
pub(crate) struct FollowSubscription {
    pub(crate) account: GatewayAccountId,
    pub(crate) id: StripeSubscriptionId,
    /// `None` if Stripe has no such subscription any more.
    pub(crate) fetched: Option<GatewaySubscription>,
    /// The moment before it was asked for.
    pub(crate) fetched_at: Timestamp,
    /// Whether everything on the account is the workspace's.
    pub(crate) is_own_account: bool,
}

#[async_trait]
impl Change for FollowSubscription {
    const NAME: &'static str = "follow_subscription";
    type Answer = ();
    type Refusal = Infallible;

    fn gate(&self) -> Gate<'_> {
        Gate::Always
    }

    async fn decide(&self, tx: &mut Tx) -> Result<Decision<()>, Refused<Infallible>> {
        let subscriptions = tx.work.subscriptions();
        let before = subscriptions.mirrored_subscription(&tx.workspace.id, &self.account, &self.id).await?;
        if before.is_none()
            && tx.follow_workspace_subscription(&self.account, &self.id, self.fetched.as_ref()).await?
        {
            return Ok(Decision::Changed(()));
        }
        match (before, &self.fetched) {
            (None, None) => Ok(Decision::Unchanged(())),
            (Some(before), None) => self.forget(tx, before).await,
            (Some(before), Some(fetched)) => self.follow(tx, before, fetched).await,
            (None, Some(fetched)) => self.adopt(tx, fetched).await,
        }
    }
}

impl FollowSubscription {
    /// Ends the mirror of a subscription that was deleted with its test data: Stripe charges nothing for it.
    async fn forget(&self, tx: &mut Tx, before: Subscription) -> Result<Decision<()>, Refused<Infallible>> {
        let times = SubscriptionTimes {
            ended_at: before.state.times.ended_at.or(Some(tx.now)),
            ..before.state.times.clone()
        };
        let state = SubscriptionState { status: SubscriptionStatus::Canceled, times, ..before.state.clone() };
        let Some(after) = before.follow(state, self.fetched_at).filter(|_| before.is_live()) else {
            return Ok(Decision::Unchanged(()));
        };
        tx.work.subscriptions().save_subscription(&after).await?;
        tx.audit_changed(&before, &after).await?;
        Ok(Decision::Changed(()))
    }

    async fn follow(
        &self,
        tx: &mut Tx,
        before: Subscription,
        fetched: &GatewaySubscription,
    ) -> Result<Decision<()>, Refused<Infallible>> {
        let state = self.state(tx, fetched).await?;
        let after = before.follow(state, self.fetched_at);
        if let Some(after) = &after {
            tx.work.subscriptions().save_subscription(after).await?;
            tx.audit_changed(&before, after).await?;
        }
        let is_changed = after.is_some();
        let followed = self.consequences(tx, &after.unwrap_or(before), fetched).await?;
        Ok(if is_changed || followed { Decision::Changed(()) } else { Decision::Unchanged(()) })
    }

    async fn adopt(
        &self,
        tx: &mut Tx,
        fetched: &GatewaySubscription,
    ) -> Result<Decision<()>, Refused<Infallible>> {
        let Some(customer) = tx.customer(&self.account, &fetched.customer).await? else {
            // No blocker of ours tells of it.
            let is_seen = self.is_own_account && fetched.status.is_live();
            let is_on = is_seen && (tx.interrupt_closing().await? || tx.reopen(&self.account).await?);
            let target = SyncTarget::Subscription(self.id.clone().into());
            let is_awaited = tx.await_customer(&self.account, &target).await?;
            return Ok(if is_on || is_awaited { Decision::Changed(()) } else { Decision::Unchanged(()) });
        };
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
        tx.work.subscriptions().save_subscription(&subscription).await?;
        tx.audit_created(&subscription).await?;
        // Mirrored before their subscription, its invoices do not name it yet.
        for invoice in tx.work.invoices().unattached_invoices(&subscription).await? {
            tx.mark_stale(&self.account, &SyncTarget::Invoice(invoice)).await?;
        }
        self.consequences(tx, &subscription, fetched).await?;
        Ok(Decision::Changed(()))
    }

    async fn state(
        &self,
        tx: &mut Tx,
        fetched: &GatewaySubscription,
    ) -> Result<SubscriptionState, StoreError> {
        let (plan_id, price_id) = self.offer(tx, fetched.price.as_ref()).await?;
        let schedule = match &fetched.schedule {
            Some(schedule) => Some(self.schedule(tx, schedule).await?),
            None => None,
        };
        Ok(SubscriptionState {
            schedule,
            status: fetched.status.clone(),
            plan_id,
            price_id,
            quantity: fetched.quantity,
            times: fetched.times.clone(),
        })
    }

    /// Our plan and price for Stripe's price.
    async fn offer(
        &self,
        tx: &mut Tx,
        price: Option<&StripeId>,
    ) -> Result<(Option<PlanId>, Option<PriceId>), StoreError> {
        let Some(price) = price else { return Ok((None, None)) };
        let subject = tx.work.gateway_links().link_subject(&tx.workspace.id, &self.account, price).await?;
        let Some(LinkSubject::Price(price)) = subject else { return Ok((None, None)) };
        Ok((tx.work.plans().plan_of_price(&tx.workspace.id, price).await?, Some(price)))
    }

    async fn schedule(
        &self,
        tx: &mut Tx,
        fetched: &GatewaySchedule,
    ) -> Result<SubscriptionSchedule, StoreError> {
        let next = match &fetched.next {
            Some(next) => {
                let (plan_id, price_id) = self.offer(tx, next.price.as_ref()).await?;
                Some(ScheduledChange { at: next.at, plan_id, price_id, quantity: next.quantity })
            }
            None => None,
        };
        Ok(SubscriptionSchedule { id: fetched.id.clone(), is_ours: fetched.is_ours, next })
    }

    /// Returns whether anything followed.
    async fn consequences(
        &self,
        tx: &mut Tx,
        subscription: &Subscription,
        fetched: &GatewaySubscription,
    ) -> Result<bool, StoreError> {
        let mut followed = false;
        if let Some(intent) = tx.intent_of(&self.account, subscription.intent_id).await? {
            followed |= tx.close_sold(&intent).await?;
        }
        if subscription.state.times.trial_end.is_some() {
            let at = subscription.state.times.started_at.unwrap_or(tx.now);
            let (app, payer) = (&subscription.app_id, &subscription.payer);
            tx.work.subscriptions().record_trial(&tx.workspace.id, app, payer, at).await?;
        }
        if subscription.is_live() {
            followed |= tx.reopen(&self.account).await?;
            followed |= tx.end_duplicates(subscription, self.fetched_at).await?;
        }
        if let Some(payment) = &fetched.latest_payment {
            followed |= tx.refund_duplicate(subscription, payment.clone()).await?;
        }
        Ok(followed)
    }
}

impl Tx {
    /// Closes the intent of a subscription that is mirrored.
    pub(super) async fn close_sold(&mut self, intent: &CheckoutIntent) -> Result<bool, StoreError> {
        if intent.state.is_closed() {
            return Ok(false);
        }
        let complete = CheckoutIntent { state: CheckoutIntentState::Complete, ..intent.clone() };
        self.advance_intent(intent, CheckoutIntentState::Complete, None).await?;
        self.advance_intent(&complete, CheckoutIntentState::Synced, None).await?;
        Ok(true)
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

    /// Ends every live subscription of the payer in the app but the oldest (invariant I2), in whatever order they are
    /// fetched. One that was last seen before the newest began may have ended since, and is fetched first.
    async fn end_duplicates(
        &mut self,
        subscription: &Subscription,
        fetched_at: Timestamp,
    ) -> Result<bool, StoreError> {
        let (app, payer) = (&subscription.app_id, &subscription.payer);
        let mut live =
            self.work.subscriptions().live_subscriptions_of(&self.workspace.id, app, payer).await?;
        // A payer belongs to one environment: nobody's test subscription ends a live one (I8).
        live.retain(|other| other.environment_id == subscription.environment_id);
        if live.len() < 2 {
            return Ok(false);
        }
        // The others see by this that it was fetched, though nothing of it has changed.
        let fetched = Subscription { synced_at: fetched_at, ..subscription.clone() };
        self.work.subscriptions().save_subscription(&fetched).await?;
        let newest = live.iter().filter_map(|other| other.state.times.made_at()).max().unwrap_or(self.now);
        let seen_since = newest.min(self.now);
        let is_stale = |other: &&Subscription| other.id != subscription.id && other.synced_at < seen_since;
        let stale: Vec<_> = live.iter().filter(is_stale).cloned().collect();
        for other in &stale {
            let target = SyncTarget::Subscription(other.stripe_object());
            self.mark_stale(&other.gateway_account_id, &target).await?;
        }
        if !stale.is_empty() {
            return Ok(true);
        }
        live.sort_by_key(|other| (other.state.times.made_at(), other.stripe_id.clone()));
        for duplicate in live.iter().skip(1) {
            self.end_duplicate(duplicate).await?;
        }
        Ok(true)
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

    /// Gives back a payment for a subscription that was ended as a duplicate, whenever it comes: an invoice of it may
    /// be paid later. Each payment is given back once; a refused refund is tried again.
    async fn refund_duplicate(
        &mut self,
        subscription: &Subscription,
        payment_intent: StripeId,
    ) -> Result<bool, StoreError> {
        let (account, subscription_id) = (&subscription.gateway_account_id, subscription.id);
        let end = self.latest_call(account, &CallPurpose::CancelDuplicate { subscription_id }).await?;
        let ended_at = subscription.state.times.ended_at;
        let was_ended = end.is_some_and(|call| {
            // One that had ended by itself was no duplicate.
            let was_live = ended_at.is_none_or(|ended| call.prepared_at - CLOCK_SKEW <= ended);
            was_live && matches!(call.outcome, CallOutcome::Done(_))
        });
        if !was_ended || subscription.is_live() {
            return Ok(false);
        }
        let command = GatewayCommand::Refund { payment_intent: payment_intent.clone() };
        let refund = CallPurpose::RefundDuplicate { subscription_id, payment_intent };
        if let Some(call) = self.latest_call(account, &refund).await? {
            let retried_until = ended_at.map(|ended| ended + REFUND_RETRIED_FOR);
            let is_too_late = retried_until.is_some_and(|until| until <= self.now);
            let is_over = match call.outcome {
                CallOutcome::Done(_) => true,
                // Its settlement may have been set aside.
                CallOutcome::Unresolved => false,
                CallOutcome::Refused(_) => is_too_late || self.now < call.prepared_at + REFUND_RETRIED_AFTER,
            };
            if is_over {
                return Ok(false);
            }
        }
        self.prepare_due_call(account, refund, &command).await?;
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
