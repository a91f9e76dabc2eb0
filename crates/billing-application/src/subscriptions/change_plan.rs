use billing_domain::ports::{GatewayError, StoreError, error_chain};
use billing_domain::{
    Administrator, CallPurpose, ChangeBilling, ChangeableSubscription, GatewayCall, ItemChange, Money,
    NotChangeable, PreviewedInvoice, RequestKey, ShownChange, Subscription, SyncTarget, Timestamp,
};
use chrono::SubsecRound;

use super::SubscriptionError;
use super::plan_change::{ChangePlan, OutdatedPreview, PlanChange, PlanChangePreview};
use super::prepare_plan_change::{Agreed, Confirmed, PlanStep, PlanTarget, PreparePlanChange};
use crate::calls::{CallError, Driven};
use crate::change::Executor;
use crate::refusal::{Absent, Refused};
use crate::sync::sync_of;

/// The steps that one change can need: an earlier change that is settled, product, price, a mirror that is behind, the
/// preview and the change. More mean that others change the same at the same time.
const MOST_STEPS: usize = 10;

/// Stripe's word on a change.
enum Asked {
    /// The mirror was behind, and is not any more: the change is decided on again.
    Behind,
    /// The subscription is as asked.
    Present,
    /// The change has this cost.
    Costs(Box<Cost>),
}

/// A change at Stripe and what it costs.
struct Cost {
    change: ItemChange,
    preview: PlanChangePreview,
}

impl Executor {
    /// What a change of plan would cost now. Changes nothing at the subscription; a price that Stripe does not have yet is
    /// made there.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn preview_plan_change(
        &self,
        administrator: &Administrator,
        change: &PlanChange,
    ) -> Result<PlanChangePreview, Refused<SubscriptionError>> {
        for _ in 0..MOST_STEPS {
            let prepare = PreparePlanChange { change: change.clone(), confirmed: None };
            match self.change(administrator, &prepare).await? {
                PlanStep::First(call) | PlanStep::Call(call) => {
                    self.drive_first(administrator, &call).await?;
                }
                PlanStep::Made => {}
                PlanStep::Ask(target) => match self.ask(administrator, change, &target, None).await? {
                    Asked::Behind => {}
                    Asked::Present => return Err(SubscriptionError::NothingToChange.into()),
                    Asked::Costs(cost) => return Ok(cost.preview),
                },
            }
        }
        Err(StoreError::Conflict.into())
    }

    /// Makes a change of plan and returns the subscription as it is then.
    ///
    /// # Errors
    /// [`Refused`]. After [`SubscriptionError::Outdated`] nothing was changed. After
    /// [`SubscriptionError::GatewayUnavailable`] the call is repeated until its outcome is known.
    pub async fn change_plan(
        &self,
        administrator: &Administrator,
        request: &ChangePlan,
        key: Option<&RequestKey>,
    ) -> Result<Subscription, Refused<SubscriptionError>> {
        let change = &request.change;
        let mut agreed = None;
        for _ in 0..MOST_STEPS {
            let (request, key) = (request.clone(), key.cloned());
            let confirmed = Some(Confirmed { request: request.clone(), key, agreed: agreed.take() });
            let prepare = PreparePlanChange { change: change.clone(), confirmed };
            match self.change(administrator, &prepare).await? {
                PlanStep::First(call) => self.drive_first(administrator, &call).await?,
                PlanStep::Ask(target) => match self.agree(administrator, &request, *target).await? {
                    Agreement::Reached(reached) => agreed = Some(*reached),
                    Agreement::Behind => {}
                    Agreement::Present => return self.present(administrator, change).await,
                },
                PlanStep::Call(call) => return self.drive_plan_change(administrator, change, &call).await,
                PlanStep::Made => return self.present(administrator, change).await,
            }
        }
        Err(StoreError::Conflict.into())
    }

    /// Compares the cost of a change with what the person was shown.
    async fn agree(
        &self,
        administrator: &Administrator,
        request: &ChangePlan,
        target: PlanTarget,
    ) -> Result<Agreement, Refused<SubscriptionError>> {
        let (change, shown) = (&request.change, request.shown);
        if shown.holds_at(self.ports.clock.now()) {
            match self.ask(administrator, change, &target, shown.as_of).await {
                Ok(Asked::Behind) => return Ok(Agreement::Behind),
                Ok(Asked::Present) => return Ok(Agreement::Present),
                Ok(Asked::Costs(cost)) if cost.preview.shown.agrees_with(&shown) => {
                    let Cost { change, preview } = *cost;
                    return Ok(Agreement::Reached(Box::new(Agreed { target, change, preview })));
                }
                // Such as a moment of proration in a period that is over.
                Ok(Asked::Costs(_)) | Err(Refused::Rule(SubscriptionError::ChangeRefused(_))) => {}
                Err(refused) => return Err(refused),
            }
        }
        match self.ask(administrator, change, &target, None).await? {
            Asked::Behind => Ok(Agreement::Behind),
            Asked::Present => Ok(Agreement::Present),
            Asked::Costs(cost) => {
                let outdated = OutdatedPreview { shown, present: cost.preview };
                Err(SubscriptionError::Outdated(Box::new(outdated)).into())
            }
        }
    }

    /// Asks Stripe what a change costs, as of this moment.
    async fn ask(
        &self,
        administrator: &Administrator,
        change: &PlanChange,
        target: &PlanTarget,
        as_of: Option<Timestamp>,
    ) -> Result<Asked, Refused<SubscriptionError>> {
        let subscription = &target.subscription;
        let (account, id) = (&subscription.gateway_account_id, &subscription.stripe_id);
        let gateway = &self.ports.gateway;
        let found = gateway.changeable_subscription(account, id).await.map_err(of_read)?;
        let Some(found) = found.filter(|found| target.is_mirror_of(found)) else {
            let stale = SyncTarget::Subscription(subscription.stripe_object());
            self.sync_all_now(&[sync_of(administrator.workspace_id(), account, &stale)]).await;
            return Ok(Asked::Behind);
        };
        let item = found.item_to_change();
        let item = item.map_err(|problem| SubscriptionError::not_changeable(problem, subscription))?;
        if target.is_present() {
            return Ok(Asked::Present);
        }
        let billing = match (found.is_trialing(), found.mirrored.times.trial_end) {
            (true, Some(trial_end)) => ChangeBilling::Nothing { trial_end },
            (true, None) => {
                return Err(
                    SubscriptionError::not_changeable(NotChangeable::EndlessTrial, subscription).into()
                );
            }
            (false, _) => ChangeBilling::Invoiced { as_of, restarts: target.restarts() },
        };
        let mut item_change = ItemChange {
            subscription: id.clone(),
            item: item.clone(),
            price: target.price_at_stripe.clone(),
            quantity: target.quantity,
            billing,
        };
        let invoice = match item_change.billing {
            ChangeBilling::Nothing { .. } => target.no_invoice(),
            ChangeBilling::Invoiced { .. } => {
                gateway.previewed_change(account, &item_change).await.map_err(of_read)?
            }
        };
        if let ChangeBilling::Invoiced { as_of, .. } = &mut item_change.billing {
            *as_of = invoice.as_of;
        }
        let preview = target.preview(change, &found, invoice, self.ports.clock.now())?;
        Ok(Asked::Costs(Box::new(Cost { change: item_change, preview })))
    }

    /// Drives a call that a change of plan waits for: an earlier change, or the making of the price.
    async fn drive_first(
        &self,
        administrator: &Administrator,
        call: &GatewayCall,
    ) -> Result<(), Refused<SubscriptionError>> {
        let makes_price =
            matches!(call.purpose, CallPurpose::CreateProduct { .. } | CallPurpose::CreatePrice { .. });
        match self.drive(administrator.actor(), call, true).await {
            Ok(Driven::Refused(reason)) if makes_price => {
                Err(SubscriptionError::ChangeRefused(reason).into())
            }
            Ok(_) => Ok(()),
            Err(CallError::Store(error)) => Err(error.into()),
            Err(CallError::Gateway(error)) if makes_price => Err(of_read(error).into()),
            Err(CallError::Gateway(error)) => {
                tracing::warn!(error = %error_chain(&error), "an earlier change is not settled");
                Err(SubscriptionError::EarlierUnsettled.into())
            }
        }
    }

    async fn drive_plan_change(
        &self,
        administrator: &Administrator,
        change: &PlanChange,
        call: &GatewayCall,
    ) -> Result<Subscription, Refused<SubscriptionError>> {
        let driven = self.drive(administrator.actor(), call, true).await?;
        let stale = SyncTarget::Subscription(self.present(administrator, change).await?.stripe_object());
        self.sync_all_now(&[sync_of(administrator.workspace_id(), &call.account, &stale)]).await;
        match driven {
            Driven::Done(_) => self.present(administrator, change).await,
            Driven::Refused(reason) => Err(SubscriptionError::ChangeRefused(reason).into()),
        }
    }

    async fn present(
        &self,
        administrator: &Administrator,
        change: &PlanChange,
    ) -> Result<Subscription, Refused<SubscriptionError>> {
        let (workspace, subscriptions) = (administrator.workspace_id(), self.ports.store.subscriptions());
        let found = subscriptions.subscription(workspace, &change.app_id, change.subscription_id).await?;
        Ok(found.ok_or(Absent::Subscription)?)
    }
}

/// Whether a change costs what the person was shown.
enum Agreement {
    Reached(Box<Agreed>),
    Behind,
    Present,
}

/// The error of a read, after which nothing was changed.
fn of_read(error: GatewayError) -> SubscriptionError {
    match error {
        GatewayError::Refused(reason) => SubscriptionError::ChangeRefused(reason),
        error => {
            tracing::warn!(error = %error_chain(&error), "the payment gateway did not answer");
            SubscriptionError::Unreachable
        }
    }
}

impl PlanTarget {
    /// Whether the mirror is as Stripe has the subscription.
    fn is_mirror_of(&self, found: &ChangeableSubscription) -> bool {
        let (state, mirrored) = (&self.subscription.state, &found.mirrored);
        (&state.status, state.quantity, &state.times)
            == (&mirrored.status, mirrored.quantity, &mirrored.times)
            && mirrored.price == self.present_at_stripe
    }

    fn no_invoice(&self) -> PreviewedInvoice {
        let nothing = Money::new(0, self.price.terms.amount().currency());
        let (lines, has_more_lines) = (Vec::new(), false);
        PreviewedInvoice { as_of: None, total: nothing, amount_due: nothing, lines, has_more_lines }
    }

    fn preview(
        &self,
        change: &PlanChange,
        found: &ChangeableSubscription,
        invoice: PreviewedInvoice,
        now: Timestamp,
    ) -> Result<PlanChangePreview, Refused<SubscriptionError>> {
        let times = &found.mirrored.times;
        let recurs_from = if self.restarts() && !found.is_trialing() {
            invoice.lines.iter().map(|line| line.period_end).max()
        } else {
            times.period_end
        };
        let recurring = self.price.terms.amount().checked_mul(i64::from(self.quantity));
        let shown = ShownChange {
            shown_at: now.trunc_subsecs(0),
            as_of: invoice.as_of,
            price_id: self.price.id,
            quantity: self.quantity,
            total: invoice.total.minor_units(),
            amount_due: invoice.amount_due.minor_units(),
        };
        Ok(PlanChangePreview {
            plan: self.plan.clone(),
            price: self.price.clone(),
            quantity: self.quantity,
            from: change.from,
            invoice,
            recurring: recurring.map_err(|error| StoreError::Unexpected(Box::new(error)))?,
            recurs_from,
            shown,
        })
    }
}
