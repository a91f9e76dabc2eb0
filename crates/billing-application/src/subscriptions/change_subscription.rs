use async_trait::async_trait;
use billing_domain::ports::{GatewayError, StoreError, error_chain};
use billing_domain::{
    Administrator, AppId, AuditedChange, CallOutcome, CallPurpose, Currency, GatewayCall, GatewayCallId,
    GatewayCommand, NotChangeable, PayerKind, RequestKey, Subscription, SubscriptionId, SyncTarget,
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
            Self::GatewayRefused(reason) | Self::ChangeRefused(reason) => {
                ErrorCode::PaymentGatewayRefused.with(Facts::Reason(reason))
            }
            Self::NotChangeable { subscription, .. } => {
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

    /// What is asked of Stripe; `None` if the subscription is as asked. A mirror from before the latest change proves only
    /// an end.
    fn command(
        &self,
        subscription: &Subscription,
        is_stale: bool,
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
const MOST_RIVALS: usize = 4;

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
        for rival in purpose.rivals() {
            if let Some(call) = tx.unresolved_call(account, &rival).await? {
                return Ok(Decision::Unchanged(Next::Rival(call)));
            }
        }
        let is_stale = tx.is_mirrored_before_its_latest_change(&subscription, &purpose).await?;
        let Some(command) = self.request.command(&subscription, is_stale)? else {
            if let Some(request) = remembered {
                request.remember(tx, &None::<GatewayCallId>).await?;
            }
            return Ok(Decision::Changed(Next::Nothing));
        };
        let is_new = tx.unresolved_call(account, &purpose).await?.is_none();
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
    /// Whether the subscription was fetched before its latest change by a person was decided on.
    async fn is_mirrored_before_its_latest_change(
        &mut self,
        subscription: &Subscription,
        purpose: &CallPurpose,
    ) -> Result<bool, StoreError> {
        for purpose in purpose.rivals().iter().chain([purpose]) {
            let latest = self.latest_call(&subscription.gateway_account_id, purpose).await?;
            let done = latest.filter(|call| matches!(call.outcome, CallOutcome::Done(_)));
            if done.is_some_and(|call| subscription.synced_at < call.prepared_at) {
                return Ok(true);
            }
        }
        Ok(false)
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
