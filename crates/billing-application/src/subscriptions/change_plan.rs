use billing_domain::ports::{GatewayError, StoreError, error_chain};
use billing_domain::{
    Administrator, CallPurpose, ChangeBilling, ChangeFrom, ChangeableSubscription, GatewayCall,
    GatewaySchedule, ItemChange, Money, NextPhase, NotChangeable, PhaseItem, PreviewedInvoice, RequestKey,
    ShownChange, StripeId, Subscription, SubscriptionSchedule, SyncTarget, Timestamp,
};
use chrono::SubsecRound;

use super::SubscriptionError;
use super::plan_change::{ChangePlan, OutdatedPreview, PlanChange, PlanChangePreview};
use super::prepare_plan_change::{Agreed, AgreedChange, Confirmed, PlanStep, PlanTarget, PreparePlanChange};
use crate::calls::{CallError, Driven};
use crate::change::Executor;
use crate::refusal::{Absent, Refused};
use crate::sync::sync_of;

/// The steps that one change can need: an earlier change that is settled, product, price, a mirror that is behind, the
/// preview, a schedule that is released, and the change, which has two calls at the end of the period. More mean that others change the same at the same time.
const MOST_STEPS: usize = 14;

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
    change: AgreedChange,
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
                    self.drive_first(administrator, &call).await?
                }
                PlanStep::Made => {}
                PlanStep::Ask(target) => match self.ask(administrator, &target, None).await? {
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
                // What the schedule is for is written into it next.
                PlanStep::Call(call) if matches!(call.purpose, CallPurpose::CreateSchedule { .. }) => {
                    if let Driven::Refused(reason) = self.drive(administrator.actor(), &call, true).await? {
                        return Err(SubscriptionError::ChangeRefused(reason).into());
                    }
                }
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
        let shown = request.shown;
        let as_of = shown.as_of.filter(|_| target.from == ChangeFrom::Now);
        if shown.holds_at(self.ports.clock.now()) {
            match self.ask(administrator, &target, as_of).await {
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
        match self.ask(administrator, &target, None).await? {
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
        let (change, invoice) = match target.from {
            ChangeFrom::Now => self.invoiced_change(target, &found, item.clone(), as_of).await?,
            ChangeFrom::PeriodEnd => {
                (AgreedChange::AtPeriodEnd(target.next_phase(&found)?), target.no_invoice())
            }
        };
        let preview = target.preview(&found, invoice, self.ports.clock.now())?;
        Ok(Asked::Costs(Box::new(Cost { change, preview })))
    }

    /// The change of an item now, and the invoice for it.
    async fn invoiced_change(
        &self,
        target: &PlanTarget,
        found: &ChangeableSubscription,
        item: StripeId,
        as_of: Option<Timestamp>,
    ) -> Result<(AgreedChange, PreviewedInvoice), Refused<SubscriptionError>> {
        let subscription = &target.subscription;
        let billing = if found.is_trialing() {
            ChangeBilling::Nothing
        } else {
            ChangeBilling::Invoiced { as_of, restarts: target.restarts() }
        };
        let mut change = ItemChange {
            subscription: subscription.stripe_id.clone(),
            item,
            price: target.price_at_stripe.clone(),
            quantity: target.quantity,
            billing,
        };
        let ChangeBilling::Invoiced { restarts, .. } = billing else {
            return Ok((AgreedChange::Now(change), target.no_invoice()));
        };
        let account = &subscription.gateway_account_id;
        let invoice = self.ports.gateway.previewed_change(account, &change).await.map_err(of_read)?;
        change.billing = ChangeBilling::Invoiced { as_of: invoice.as_of, restarts };
        Ok((AgreedChange::Now(change), invoice))
    }

    /// Drives a call that a change of plan waits for: an earlier change, or the making of the price.
    async fn drive_first(
        &self,
        administrator: &Administrator,
        call: &GatewayCall,
    ) -> Result<(), Refused<SubscriptionError>> {
        let makes_price =
            matches!(call.purpose, CallPurpose::CreateProduct { .. } | CallPurpose::CreatePrice { .. });
        let schedules = matches!(call.purpose, CallPurpose::SchedulePlanChange { .. });
        match self.drive(administrator.actor(), call, true).await {
            Ok(Driven::Refused(reason)) if makes_price || schedules => {
                Err(SubscriptionError::ChangeRefused(reason).into())
            }
            Ok(_) => Ok(()),
            Err(CallError::Store(error)) => Err(error.into()),
            Err(CallError::Gateway(error)) if makes_price => Err(of_read(error).into()),
            Err(CallError::Gateway(error)) if schedules => Err(SubscriptionError::from(error).into()),
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
            && is_mirror_of_schedule(state.schedule.as_ref(), mirrored.schedule.as_ref())
    }

    fn no_invoice(&self) -> PreviewedInvoice {
        let nothing = Money::new(0, self.price.terms.amount().currency());
        let (lines, has_more_lines) = (Vec::new(), false);
        PreviewedInvoice { as_of: None, total: nothing, amount_due: nothing, lines, has_more_lines }
    }

    /// What the schedule makes of the subscription.
    fn next_phase(&self, found: &ChangeableSubscription) -> Result<NextPhase, Refused<SubscriptionError>> {
        let foreign = || SubscriptionError::not_changeable(NotChangeable::ForeignPrice, &self.subscription);
        let price = self.price_at_stripe.clone().or(found.mirrored.price.clone()).ok_or_else(foreign)?;
        let item = PhaseItem { price, quantity: self.quantity };
        Ok(NextPhase { item, interval: self.price.terms.interval(), restarts: self.restarts() })
    }

    fn preview(
        &self,
        found: &ChangeableSubscription,
        invoice: PreviewedInvoice,
        now: Timestamp,
    ) -> Result<PlanChangePreview, Refused<SubscriptionError>> {
        let times = &found.mirrored.times;
        let starts_now = self.from == ChangeFrom::Now && self.restarts() && !found.is_trialing();
        let recurs_from = if starts_now {
            invoice.lines.iter().map(|line| line.period_end).max()
        } else {
            times.period_end
        };
        let recurring = self.price.terms.amount().checked_mul(i64::from(self.quantity));
        let shown = ShownChange {
            shown_at: now.trunc_subsecs(0),
            as_of: invoice.as_of.or(times.period_end.filter(|_| self.from == ChangeFrom::PeriodEnd)),
            price_id: self.price.id,
            quantity: self.quantity,
            total: invoice.total.minor_units(),
            amount_due: invoice.amount_due.minor_units(),
        };
        Ok(PlanChangePreview {
            plan: self.plan.clone(),
            price: self.price.clone(),
            quantity: self.quantity,
            from: self.from,
            invoice,
            recurring: recurring.map_err(|error| StoreError::Unexpected(Box::new(error)))?,
            recurs_from,
            shown,
        })
    }
}

fn is_mirror_of_schedule(mirror: Option<&SubscriptionSchedule>, found: Option<&GatewaySchedule>) -> bool {
    let (Some(mirror), Some(found)) = (mirror, found) else { return mirror.is_none() && found.is_none() };
    let mirrored = mirror.next.as_ref().map(|next| (next.at, next.quantity));
    (&mirror.id, mirror.is_ours) == (&found.id, found.is_ours)
        && mirrored == found.next.as_ref().map(|next| (next.at, next.quantity))
}
