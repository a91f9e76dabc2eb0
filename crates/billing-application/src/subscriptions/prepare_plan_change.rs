use async_trait::async_trait;
use billing_domain::ports::StoreError;
use billing_domain::{
    AuditedChange, CallOutcome, CallPurpose, CostOfChange, GatewayCall, GatewayCallId, GatewayCommand,
    ItemChange, LinkSubject, NotChangeable, Plan, PlanOffer, Price, RequestKey, StripeId, Subscription,
    SubscriptionPlan,
};

use super::SubscriptionError;
use super::plan_change::{ChangePlan, PlanChange, PlanChangePreview};
use crate::change::{Change, Decision, Gate, Tx};
use crate::checkout::{check_sum, choose_price};
use crate::refusal::{Absent, Refused};
use crate::remembered::RememberedRequest;

/// Decides on a change of plan and prepares the next call that it needs. Each transaction checks every rule anew, so that
/// nothing that happens while Stripe is asked is missed.
pub(super) struct PreparePlanChange {
    pub(super) change: PlanChange,
    /// `None` for a preview.
    pub(super) confirmed: Option<Confirmed>,
}

/// A change that a person has confirmed.
pub(super) struct Confirmed {
    pub(super) request: ChangePlan,
    pub(super) key: Option<RequestKey>,
    /// The change at Stripe, if it costs what the person was shown.
    pub(super) agreed: Option<Agreed>,
}

/// A change that costs what the person was shown, as of the state that it was decided on.
pub(super) struct Agreed {
    pub(super) target: PlanTarget,
    pub(super) change: ItemChange,
    pub(super) preview: PlanChangePreview,
}

/// The next step of a change of plan.
pub(super) enum PlanStep {
    /// A call to drive before the change is decided on again.
    First(GatewayCall),
    /// Stripe is to be asked what this costs.
    Ask(Box<PlanTarget>),
    /// The call that makes the change.
    Call(GatewayCall),
    /// The change was made by an earlier request.
    Made,
}

/// A subscription and what it is to become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PlanTarget {
    pub(super) subscription: Subscription,
    pub(super) present_plan: Plan,
    pub(super) present_price: Price,
    /// Stripe's price of the present one.
    pub(super) present_at_stripe: Option<StripeId>,
    pub(super) plan: Plan,
    pub(super) price: Price,
    /// Stripe's price; `None` if the subscription keeps its own.
    pub(super) price_at_stripe: Option<StripeId>,
    pub(super) quantity: u32,
    /// The latest changes of the subscription that were asked for: another one means that Stripe is to be asked anew.
    latest_changes: Vec<Option<GatewayCallId>>,
}

impl PlanTarget {
    /// Whether the subscription is as asked.
    pub(super) fn is_present(&self) -> bool {
        self.price.id == self.present_price.id && self.quantity == self.subscription.state.quantity
    }

    /// Whether the interval changes.
    pub(super) fn restarts(&self) -> bool {
        self.price.terms.interval() != self.present_price.terms.interval()
    }
}

type Step<T> = Result<T, Refused<SubscriptionError>>;

#[async_trait]
impl Change for PreparePlanChange {
    const NAME: &'static str = "change_plan";
    type Answer = PlanStep;
    type Refusal = SubscriptionError;

    fn gate(&self) -> Gate<'_> {
        Gate::OpenFor(&self.change.app_id)
    }

    async fn decide(&self, tx: &mut Tx) -> Step<Decision<PlanStep>> {
        let mut remembered =
            match self.confirmed.as_ref().and_then(|it| Some((&it.request, it.key.as_ref()?))) {
                Some((request, key)) => Some(RememberedRequest::new(Self::NAME, request, key)?),
                None => None,
            };
        if let Some(request) = &mut remembered
            && let Some(id) = request.earlier_answer::<GatewayCallId, _>(tx).await?
        {
            let call = tx.work.gateway_calls().gateway_call_to_change(&tx.workspace.id, id).await?;
            match call {
                // Only what Stripe refused is tried anew.
                Some(GatewayCall { outcome: CallOutcome::Refused(_), .. }) => {}
                Some(call) if call.is_unresolved() => return Ok(Decision::Unchanged(PlanStep::Call(call))),
                _ => return Ok(Decision::Unchanged(PlanStep::Made)),
            }
        }
        // The change may make an invoice, which the guard of a closing would not see.
        if tx.workspace.switch.admit_checkout().is_err() {
            return Err(SubscriptionError::Closing.into());
        }
        let target = match self.target(tx).await? {
            Ok(target) => target,
            Err(first) => return Ok(Decision::Changed(PlanStep::First(first))),
        };
        match self.confirmed.as_ref().and_then(|confirmed| confirmed.agreed.as_ref()) {
            Some(agreed) if agreed.target == target => {
                let call = tx.prepare_plan_change(agreed).await?;
                if let Some(request) = remembered {
                    request.remember(tx, &call.id).await?;
                }
                Ok(Decision::Changed(PlanStep::Call(call)))
            }
            _ => Ok(Decision::Unchanged(PlanStep::Ask(Box::new(target)))),
        }
    }
}

impl PreparePlanChange {
    /// What the subscription is to become, or the call that comes first.
    async fn target(&self, tx: &mut Tx) -> Step<Result<PlanTarget, GatewayCall>> {
        let (app, id) = (&self.change.app_id, self.change.subscription_id);
        let found = tx.work.subscriptions().subscription_to_change(&tx.workspace.id, app, id).await?;
        let subscription = found.ok_or(Absent::Subscription)?;
        if !subscription.is_live() {
            return Err(SubscriptionError::Ended.into());
        }
        let account = subscription.gateway_account_id.clone();
        let mut latest_changes = Vec::new();
        let own = CallPurpose::ChangePlan { subscription_id: id };
        for purpose in own.rivals().iter().chain([&own]) {
            // An unresolved change may still be carried out.
            if let Some(call) = tx.unresolved_call(&account, purpose).await? {
                return Ok(Err(call));
            }
            latest_changes.push(tx.latest_call(&account, purpose).await?.map(|call| call.id));
        }
        let (present, present_price) = tx.present_offer(&subscription).await?;
        let quantity = self.change.quantity.unwrap_or(subscription.state.quantity);
        let (plan, price) = self.goods(tx, &subscription, &present, &present_price, quantity).await?;
        let price_at_stripe = if price.id == present_price.id {
            None
        } else {
            match tx.price_at_stripe(&account, &plan, &price).await? {
                Ok(price) => Some(price),
                Err(call) => return Ok(Err(call)),
            }
        };
        let subject = LinkSubject::Price(present_price.id);
        Ok(Ok(PlanTarget {
            present_at_stripe: tx.gateway_link(&account, &subject).await?,
            present_plan: present.plan,
            subscription,
            present_price,
            plan,
            price,
            price_at_stripe,
            quantity,
            latest_changes,
        }))
    }

    /// The plan and price after the change. Who keeps plan and interval keeps the price, offered or not.
    async fn goods(
        &self,
        tx: &mut Tx,
        subscription: &Subscription,
        present: &PlanOffer,
        present_price: &Price,
        quantity: u32,
    ) -> Step<(Plan, Price)> {
        let currency = present_price.terms.amount().currency();
        if self.change.currency.is_some_and(|asked| asked != currency) {
            return Err(SubscriptionError::OtherCurrency(currency).into());
        }
        let (app, key) = (&self.change.app_id, &self.change.plan);
        let sold = tx.work.plans().sold_plan_with_key(&tx.workspace.id, app, key).await?;
        let keeps_plan = present.plan.key == *key && sold.as_ref().is_none_or(|it| it.id == present.plan.id);
        if keeps_plan && present_price.terms.interval() == self.change.interval {
            check_sum(present_price.terms, quantity).map_err(SubscriptionError::from)?;
            return Ok((present.plan.clone(), present_price.clone()));
        }
        let plan = sold.ok_or(Absent::Plan)?;
        if plan.payer_kind != subscription.payer.kind() {
            return Err(SubscriptionError::OtherPayers(plan.payer_kind).into());
        }
        let offer = tx.work.plans().plan_to_change(&tx.workspace.id, app, plan.id).await?;
        let offer = offer.ok_or(Absent::Plan)?;
        let chosen = choose_price(&offer, self.change.interval, Some(currency), quantity);
        Ok((offer.plan, chosen.map_err(SubscriptionError::from)?))
    }
}

impl Tx {
    /// The plan and the price that a subscription has.
    async fn present_offer(&mut self, subscription: &Subscription) -> Step<(PlanOffer, Price)> {
        let foreign = || SubscriptionError::not_changeable(NotChangeable::ForeignPrice, subscription);
        let state = &subscription.state;
        let (Some(plan), Some(price)) = (state.plan_id, state.price_id) else { return Err(foreign().into()) };
        let offer = self.work.plans().plan_to_change(&self.workspace.id, &subscription.app_id, plan).await?;
        let offer = offer.ok_or_else(foreign)?;
        let price = offer.price(price).ok_or_else(foreign)?.clone();
        Ok((offer, price))
    }

    /// Writes down the call of a change that costs what was shown.
    async fn prepare_plan_change(&mut self, agreed: &Agreed) -> Result<GatewayCall, StoreError> {
        let Agreed { target, change, preview } = agreed;
        let subscription = &target.subscription;
        let cost = CostOfChange { total: preview.invoice.total, charged: preview.invoice.amount_due };
        let before = SubscriptionPlan::present(subscription, &target.present_plan, &target.present_price);
        let after =
            SubscriptionPlan::changed(subscription, &target.plan, &target.price, target.quantity, cost);
        self.append(AuditedChange::plan_change_requested(&before, &after)).await?;
        let purpose = CallPurpose::ChangePlan { subscription_id: subscription.id };
        let command = GatewayCommand::ChangePlan(change.clone());
        self.prepare_call(&subscription.gateway_account_id, purpose, &command).await
    }
}
