use async_trait::async_trait;
use billing_domain::ports::GatewayError;
use billing_domain::{
    Administrator, AppId, CallOutcome, CallPurpose, GatewayCall, GatewayCallId, GatewayCommand, RequestKey,
    Subscription, SubscriptionId, SyncTarget,
};
use serde::Serialize;

use crate::calls::{CallError, Driven};
use crate::change::{Change, Decision, Executor, Gate, Tx};
use crate::checkout::CheckoutError;
use crate::refusal::{Absent, ErrorCode, Facts, Refusal, Refused, Told};
use crate::remembered::RememberedRequest;
use crate::sync::sync_of;

/// Ends a subscription, now or with its paid period. May be repeated: a subscription that has ended, or ends as asked,
/// stays as it is.
#[derive(Debug, Clone, Serialize)]
pub struct CancelSubscription {
    /// The app that sells the plan.
    pub app_id: AppId,
    /// The subscription.
    pub subscription_id: SubscriptionId,
    /// Whether it runs to the end of its period.
    pub at_period_end: bool,
}

/// The rules that refuse ending a subscription.
#[derive(Debug, thiserror::Error)]
pub enum CancelSubscriptionError {
    /// Stripe refused.
    #[error("Stripe refused: {0}")]
    GatewayRefused(String),
    /// Stripe did not answer, or its answer is not known. The cancellation is on its way.
    #[error("Stripe cannot be reached at this moment. The cancellation is tried again until it is known.")]
    GatewayUnavailable,
}

impl Refusal for CancelSubscriptionError {
    fn told(&self) -> Told<'_> {
        match self {
            Self::GatewayRefused(reason) => ErrorCode::PaymentGatewayRefused.with(Facts::Reason(reason)),
            Self::GatewayUnavailable => ErrorCode::PaymentGatewayUnavailable.into(),
        }
    }
}

impl From<CallError> for Refused<CancelSubscriptionError> {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Store(error) => error.into(),
            CallError::Gateway(error) => CancelSubscriptionError::from(error).into(),
        }
    }
}

impl From<GatewayError> for CancelSubscriptionError {
    fn from(error: GatewayError) -> Self {
        match CheckoutError::from(error) {
            CheckoutError::GatewayRefused(reason) => Self::GatewayRefused(reason),
            _ => Self::GatewayUnavailable,
        }
    }
}

/// Decides on the cancellation and prepares its call; `None` if there is nothing to do.
struct PrepareCancellation {
    request: CancelSubscription,
    key: Option<RequestKey>,
}

#[async_trait]
impl Change for PrepareCancellation {
    const NAME: &'static str = "cancel_subscription";
    type Answer = Option<GatewayCall>;
    type Refusal = CancelSubscriptionError;

    fn gate(&self) -> Gate<'_> {
        Gate::OpenFor(&self.request.app_id)
    }

    async fn decide(&self, tx: &mut Tx) -> Result<Decision<Self::Answer>, Refused<CancelSubscriptionError>> {
        let CancelSubscription { app_id, subscription_id, at_period_end } = &self.request;
        let subscriptions = tx.work.subscriptions();
        let found = subscriptions.subscription_to_change(&tx.workspace.id, app_id, *subscription_id).await?;
        let subscription = found.ok_or(Absent::Subscription)?;
        let mut remembered = match &self.key {
            Some(key) => Some(RememberedRequest::new(Self::NAME, &self.request, key)?),
            None => None,
        };
        if let Some(request) = &remembered
            && let Some(earlier) = request.earlier_answer::<Option<GatewayCallId>, _>(tx).await?
        {
            let call = match earlier {
                Some(id) => tx.work.gateway_calls().gateway_call_to_change(&tx.workspace.id, id).await?,
                None => None,
            };
            match call {
                // Only what Stripe refused is tried anew.
                Some(GatewayCall { outcome: CallOutcome::Refused(_), .. }) => remembered = None,
                call => return Ok(Decision::Unchanged(call.filter(GatewayCall::is_unresolved))),
            }
        }
        if !subscription.is_live() || *at_period_end && subscription.is_ending() {
            if let Some(request) = remembered {
                request.remember(tx, &None::<GatewayCallId>).await?;
            }
            return Ok(Decision::Changed(None));
        }
        let stripe_id = subscription.stripe_object();
        let command = if *at_period_end {
            GatewayCommand::CancelAtPeriodEnd { subscription: stripe_id }
        } else {
            GatewayCommand::CancelSubscription { subscription: stripe_id }
        };
        let (subscription_id, at_period_end) = (*subscription_id, *at_period_end);
        let purpose = CallPurpose::CancelSubscription { subscription_id, at_period_end };
        let account = subscription.gateway_account_id.clone();
        let call = tx.prepare_call(&account, purpose, &command).await?;
        if let Some(request) = remembered {
            request.remember(tx, &Some(call.id)).await?;
        }
        Ok(Decision::Changed(Some(call)))
    }
}

impl Executor {
    /// Ends a subscription and returns it as it is then.
    ///
    /// # Errors
    /// [`Refused`]. After [`CancelSubscriptionError::GatewayUnavailable`] the call is repeated until its outcome is
    /// known.
    pub async fn cancel_subscription(
        &self,
        administrator: &Administrator,
        request: &CancelSubscription,
        key: Option<&RequestKey>,
    ) -> Result<Subscription, Refused<CancelSubscriptionError>> {
        let workspace = administrator.workspace_id();
        let prepare = PrepareCancellation { request: request.clone(), key: key.cloned() };
        let call = self.change(administrator, &prepare).await?;
        let driven = match &call {
            Some(call) => Some(self.drive(administrator.actor(), call, true).await?),
            None => None,
        };
        if let Some(call) = &call {
            let stored = self.stored_subscription(administrator, request).await?;
            let target = SyncTarget::Subscription(stored.stripe_object());
            self.sync_all_now(&[sync_of(workspace, &call.account, &target)]).await;
        }
        let subscription = self.stored_subscription(administrator, request).await?;
        match driven {
            // What Stripe refused to end may have ended already.
            Some(Driven::Refused(reason)) if subscription.is_live() => {
                Err(CancelSubscriptionError::GatewayRefused(reason).into())
            }
            _ => Ok(subscription),
        }
    }

    async fn stored_subscription(
        &self,
        administrator: &Administrator,
        request: &CancelSubscription,
    ) -> Result<Subscription, Refused<CancelSubscriptionError>> {
        let subscriptions = self.ports.store.subscriptions();
        let (workspace, id) = (administrator.workspace_id(), request.subscription_id);
        let found = subscriptions.subscription(workspace, &request.app_id, id).await?;
        Ok(found.ok_or(Absent::Subscription)?)
    }
}
