use billing_domain::{
    Administrator, AppId, CallPurpose, GatewayCommand, RequestKey, Subscription, SubscriptionId,
    SubscriptionStatus, Timestamp, TrialEnd,
};
use serde::Serialize;

use super::SubscriptionError;
use super::change_subscription::SubscriptionChange;
use crate::change::Executor;
use crate::refusal::Refused;

/// Moves the end of a running trial, or ends it at once. An extension may be repeated; an end under its idempotency key.
#[derive(Debug, Clone, Serialize)]
pub struct ChangeTrial {
    /// The app that sells the plan.
    pub app_id: AppId,
    /// The subscription.
    pub subscription_id: SubscriptionId,
    /// The new end.
    pub ends: TrialEnd,
}

impl SubscriptionChange for ChangeTrial {
    const NAME: &'static str = "change_trial";

    fn subscription(&self) -> (&AppId, SubscriptionId) {
        (&self.app_id, self.subscription_id)
    }

    fn purpose(&self) -> CallPurpose {
        CallPurpose::SetTrialEnd { subscription_id: self.subscription_id, ends: self.ends }
    }

    /// A trial that was ended is not there to be extended, and what was canceled is not to be charged, though the mirror does
    /// not say so yet.
    fn waits_for(&self, unmirrored: &CallPurpose) -> bool {
        match unmirrored {
            CallPurpose::SetTrialEnd { ends: TrialEnd::Now, .. } => true,
            CallPurpose::CancelSubscription { .. } | CallPurpose::ResumeSubscription { .. } => {
                self.ends == TrialEnd::Now
            }
            _ => false,
        }
    }

    fn command(
        &self,
        subscription: &Subscription,
        is_stale: bool,
        now: Timestamp,
    ) -> Result<Option<GatewayCommand>, SubscriptionError> {
        if !subscription.is_live() {
            return Err(SubscriptionError::Ended);
        }
        let (state, ends) = (&subscription.state, self.ends);
        // Stripe ends it at this moment, and may have charged already.
        let is_over = state.times.trial_end.is_some_and(|end| end <= now);
        if state.status != SubscriptionStatus::Trialing || is_over {
            return Err(SubscriptionError::NotTrialing);
        }
        if ends == TrialEnd::Now && subscription.is_ending() {
            return Err(SubscriptionError::EndsWithTrial(Box::new(subscription.clone())));
        }
        if !is_stale && state.times.trial_end.map(TrialEnd::at) == Some(ends) {
            return Ok(None);
        }
        ends.check(now)?;
        Ok(Some(GatewayCommand::SetTrialEnd { subscription: subscription.stripe_object(), ends }))
    }
}

impl Executor {
    /// Changes the end of a trial and returns the subscription as it is then.
    ///
    /// # Errors
    /// [`Refused`]. After [`SubscriptionError::GatewayUnavailable`] the call is repeated until its outcome is known.
    pub async fn change_trial(
        &self,
        administrator: &Administrator,
        request: &ChangeTrial,
        key: Option<&RequestKey>,
    ) -> Result<Subscription, Refused<SubscriptionError>> {
        match self.change_subscription(administrator, request, key).await? {
            (subscription, _) if !subscription.is_live() => Err(SubscriptionError::Ended.into()),
            (_, Some(reason)) => Err(SubscriptionError::GatewayRefused(reason).into()),
            (subscription, None) => Ok(subscription),
        }
    }
}
