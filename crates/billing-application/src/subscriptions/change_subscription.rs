use async_trait::async_trait;
use billing_domain::ports::{GatewayError, StoreError, error_chain};
use billing_domain::{
    Administrator, AppId, AuditedChange, CallOutcome, CallPurpose, Currency, GatewayCall, GatewayCallId,
    GatewayCommand, InvalidTrialEnd, NotChangeable, PayerKind, RequestKey, Subscription, SubscriptionId,
    SyncTarget, Timestamp,
};
use serde::Serialize;

use super::plan_change::OutdatedPreview;
use crate::calls::{CallError, Driven};
use crate::change::{Change, Decision, Executor, Gate, Tx};
use crate::checkout::CheckoutError;
use crate::refusal::{Absent, ErrorCode, Facts, Refusal, Refused, Told};
use crate::remembered::RememberedRequest;
use crate::sync::sync_of;

/// The rules that refuse a change of a subscription.
#[derive(Debug, thiserror::Error)]
pub enum SubscriptionError {
    /// The subscription has ended.
    #[error("The subscription has ended. Sell the plan anew with a checkout link.")]
    Ended,
    /// The subscription ends with its trial, and its payer is not to be charged.
    #[error("The subscription ends with its trial, and its payer is not charged. Resume it first.")]
    EndsWithTrial(Box<Subscription>),
    /// The subscription is in no trial.
    #[error("The subscription is in no trial, so none can be extended or ended.")]
    NotTrialing,
    /// The trial cannot be made to end then.
    #[error(transparent)]
    TrialEnd(#[from] InvalidTrialEnd),
    /// Stripe refused.
    #[error("Stripe refused: {0}")]
    GatewayRefused(String),
    /// The outcome of an earlier change is not known, and this one was not made. May be repeated.
    #[error(
        "An earlier change of this subscription is not settled yet, so this one was not made. Try again in a minute."
    )]
    EarlierUnsettled,
    /// The plan cannot be changed in the present state.
    #[error("The plan of this subscription cannot be changed now. {problem}")]
    NotChangeable {
        /// The reason.
        problem: NotChangeable,
        /// The subscription as it is.
        subscription: Box<Subscription>,
    },
    /// Billing is being disabled; repeat the request later.
    #[error("Billing is being disabled at this moment. Try again in a few seconds, when that is decided.")]
    Closing,
    /// The plan is for the other kind of payer.
    #[error("This plan is for {}.", match .0 { PayerKind::User => "users", PayerKind::Organization => "organizations" })]
    OtherPayers(PayerKind),
    /// The currency of a subscription cannot change.
    #[error("Stripe cannot change the currency of a subscription. This one is charged in {0}.")]
    OtherCurrency(Currency),
    /// The price is not sold, or not for so many seats.
    #[error(transparent)]
    NotForSale(#[from] CheckoutError),
    /// The subscription is as asked.
    #[error("The subscription has this plan, interval and number of seats already.")]
    NothingToChange,
    /// The change does not cost what the person was shown; nothing was changed.
    #[error(
        "The preview does not hold any more, so nothing was changed. Look at the new one, then confirm it."
    )]
    Outdated(Box<OutdatedPreview>),
    /// Stripe refused a change of plan, such as because a payment was declined.
    #[error(
        "Stripe refused, so nothing was changed or charged: {0} If a payment was declined, ask the payer for another payment method."
    )]
    ChangeRefused(String),
    /// Stripe did not answer; nothing was changed. May be repeated.
    #[error("Stripe cannot be reached at this moment, so nothing was changed. Try again in a minute.")]
    Unreachable,
    /// Stripe did not answer, or its answer is not known. The change is on its way.
    #[error("Stripe cannot be reached at this moment. The change is tried again until it is known.")]
    GatewayUnavailable,
}

impl Refusal for SubscriptionError {
    fn told(&self) -> Told<'_> {
        match self {
            Self::Ended => ErrorCode::SubscriptionEnded.into(),
            Self::NotTrialing => ErrorCode::SubscriptionNotTrialing.into(),
            Self::TrialEnd(_) => ErrorCode::InvalidRequest.with(Facts::Field("endsAt")),
            Self::GatewayRefused(reason) | Self::ChangeRefused(reason) => {
                ErrorCode::PaymentGatewayRefused.with(Facts::Reason(reason))
            }
            Self::NotChangeable { subscription, .. } | Self::EndsWithTrial(subscription) => {
                ErrorCode::SubscriptionNotChangeable.with(Facts::Subscription(subscription))
            }
            Self::Closing => ErrorCode::BillingClosing.into(),
            Self::OtherPayers(_) | Self::NothingToChange => {
                ErrorCode::InvalidRequest.with(Facts::Field("plan"))
            }
            Self::OtherCurrency(_) => ErrorCode::InvalidRequest.with(Facts::Field("currency")),
            Self::NotForSale(error) => error.told(),
            Self::Outdated(outdated) => ErrorCode::PlanChangeOutdated.with(Facts::PlanChange(outdated)),
            Self::EarlierUnsettled | Self::Unreachable | Self::GatewayUnavailable => {
                ErrorCode::PaymentGatewayUnavailable.into()
            }
        }
    }
}

impl SubscriptionError {
    pub(super) fn not_changeable(problem: NotChangeable, subscription: &Subscription) -> Self {
        Self::NotChangeable { problem, subscription: Box::new(subscription.clone()) }
    }
}

impl From<CallError> for Refused<SubscriptionError> {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Store(error) => error.into(),
            CallError::Gateway(error) => SubscriptionError::from(error).into(),
        }
    }
}

impl From<GatewayError> for SubscriptionError {
    fn from(error: GatewayError) -> Self {
        tracing::warn!(error = %error_chain(&error), "the payment gateway did not answer");
        Self::GatewayUnavailable
    }
}

/// A change of a subscription at Stripe that a person asks for.
pub(super) trait SubscriptionChange: Clone + Serialize + Send + Sync + 'static {
    /// The name in the log, and of remembered requests.
    const NAME: &'static str;

    /// The app that sells the plan, and the subscription.
    fn subscription(&self) -> (&AppId, SubscriptionId);

    /// The purpose of its call.
    fn purpose(&self) -> CallPurpose;

    /// Whether this carried out change must be mirrored before this one is decided on.
    fn waits_for(&self, _unmirrored: &CallPurpose) -> bool {
        false
    }

    /// What is asked of Stripe; `None` if the subscription is as asked. A mirror from before the latest change proves only
    /// an end.
    fn command(
        &self,
        subscription: &Subscription,
        is_stale: bool,
        now: Timestamp,
    ) -> Result<Option<GatewayCommand>, SubscriptionError>;
}

/// Decides on the change and prepares its call.
struct PrepareChange<R> {
    request: R,
    key: Option<RequestKey>,
}

/// The next step of a change.
enum Next {
    /// Nothing is left to do.
    Nothing,
    /// The call that makes the change.
    Call(GatewayCall),
    /// A call of unknown outcome for another change of the subscription, which would undo this one later.
    Rival(GatewayCall),
}

/// The calls of unknown outcome that a change settles first.
const MOST_RIVALS: usize = 8;

#[async_trait]
impl<R: SubscriptionChange> Change for PrepareChange<R> {
    const NAME: &'static str = R::NAME;
    type Answer = Next;
    type Refusal = SubscriptionError;

    fn gate(&self) -> Gate<'_> {
        Gate::OpenFor(self.request.subscription().0)
    }

    async fn decide(&self, tx: &mut Tx) -> Result<Decision<Next>, Refused<SubscriptionError>> {
        let (app, id) = self.request.subscription();
        let found = tx.work.subscriptions().subscription_to_change(&tx.workspace.id, app, id).await?;
        let subscription = found.ok_or(Absent::Subscription)?;
        let mut remembered = match &self.key {
            Some(key) => Some(RememberedRequest::new(R::NAME, &self.request, key)?),
            None => None,
        };
        if let Some(request) = &mut remembered
            && let Some(earlier) = request.earlier_answer::<Option<GatewayCallId>, _>(tx).await?
        {
            let call = match earlier {
                Some(id) => tx.work.gateway_calls().gateway_call_to_change(&tx.workspace.id, id).await?,
                None => None,
            };
            match call {
                // Only what Stripe refused is tried anew.
                Some(GatewayCall { outcome: CallOutcome::Refused(_), .. }) => {}
                Some(call) if call.is_unresolved() => return Ok(Decision::Unchanged(Next::Call(call))),
                _ => return Ok(Decision::Unchanged(Next::Nothing)),
            }
        }
        let (account, purpose) = (&subscription.gateway_account_id, self.request.purpose());
        // It may make an invoice, which the guard of a closing would not see.
        if purpose.makes_an_object() && tx.workspace.switch.admit_checkout().is_err() {
            return Err(SubscriptionError::Closing.into());
        }
        let mut is_new = true;
        for rival in purpose.rivals().iter().chain([&purpose]) {
            match tx.unresolved_call(account, rival).await? {
                Some(call) if call.purpose == purpose => is_new = false,
                Some(call) => return Ok(Decision::Unchanged(Next::Rival(call))),
                None => {}
            }
        }
        let unmirrored = tx.unmirrored_changes(&subscription, &purpose).await?;
        if unmirrored.iter().any(|change| self.request.waits_for(change)) {
            return Err(SubscriptionError::EarlierUnsettled.into());
        }
        let is_stale = !unmirrored.is_empty();
        let Some(command) = self.request.command(&subscription, is_stale, tx.now)? else {
            if let Some(request) = remembered {
                request.remember(tx, &None::<GatewayCallId>).await?;
            }
            return Ok(Decision::Changed(Next::Nothing));
        };
        if is_new {
            tx.append(AuditedChange::requested(&subscription, &purpose)).await?;
        }
        let call = tx.prepare_call(account, purpose, &command).await?;
        if let Some(request) = remembered {
            request.remember(tx, &Some(call.id)).await?;
        }
        Ok(Decision::Changed(Next::Call(call)))
    }
}

impl Tx {
    /// The latest changes by people that were carried out, and decided on after the subscription was fetched.
    async fn unmirrored_changes(
        &mut self,
        subscription: &Subscription,
        purpose: &CallPurpose,
    ) -> Result<Vec<CallPurpose>, StoreError> {
        let mut unmirrored = Vec::new();
        for purpose in purpose.rivals().iter().chain([purpose]) {
            let latest = self.latest_call(&subscription.gateway_account_id, purpose).await?;
            let done = latest.filter(|call| matches!(call.outcome, CallOutcome::Done(_)));
            let since = done.filter(|call| subscription.synced_at < call.prepared_at);
            unmirrored.extend(since.map(|call| call.purpose));
        }
        Ok(unmirrored)
    }
}

impl Executor {
    /// Makes the change, and returns the subscription as it is then, with the reason if Stripe refused.
    pub(super) async fn change_subscription<R: SubscriptionChange>(
        &self,
        administrator: &Administrator,
        request: &R,
        key: Option<&RequestKey>,
    ) -> Result<(Subscription, Option<String>), Refused<SubscriptionError>> {
        let prepare = PrepareChange { request: request.clone(), key: key.cloned() };
        for _ in 0..MOST_RIVALS {
            let next = self.change(administrator, &prepare).await?;
            let (Next::Call(call) | Next::Rival(call)) = &next else {
                return Ok((self.stored_subscription(administrator, request).await?, None));
            };
            let driven = match self.drive(administrator.actor(), call, true).await {
                Err(CallError::Gateway(error)) if matches!(next, Next::Rival(_)) => {
                    tracing::warn!(error = %error_chain(&error), "an earlier change is not settled");
                    return Err(SubscriptionError::EarlierUnsettled.into());
                }
                driven => driven?,
            };
            let stored = self.stored_subscription(administrator, request).await?;
            let target = SyncTarget::Subscription(stored.stripe_object());
            self.sync_all_now(&[sync_of(administrator.workspace_id(), &call.account, &target)]).await;
            if let Next::Call(_) = next {
                let subscription = self.stored_subscription(administrator, request).await?;
                let refusal = match driven {
                    Driven::Done(_) => None,
                    Driven::Refused(reason) => Some(reason),
                };
                return Ok((subscription, refusal));
            }
        }
        Err(StoreError::Conflict.into())
    }

    async fn stored_subscription<R: SubscriptionChange>(
        &self,
        administrator: &Administrator,
        request: &R,
    ) -> Result<Subscription, Refused<SubscriptionError>> {
        let (app, id) = request.subscription();
        let found =
            self.ports.store.subscriptions().subscription(administrator.workspace_id(), app, id).await?;
        Ok(found.ok_or(Absent::Subscription)?)
    }
}
