use billing_domain::{
    Administrator, AppId, CallPurpose, GatewayCommand, RequestKey, Subscription, SubscriptionId, Timestamp,
};
use serde::Serialize;

use super::SubscriptionError;
use super::change_subscription::SubscriptionChange;
use crate::change::Executor;
use crate::refusal::Refused;

/// Lets a subscription go on that was to end: it renews itself again. May be repeated: one that is not to end stays as it
/// is.
#[derive(Debug, Clone, Serialize)]
pub struct ResumeSubscription {
    /// The app that sells the plan.
    pub app_id: AppId,
    /// The subscription.
    pub subscription_id: SubscriptionId,
}

impl SubscriptionChange for ResumeSubscription {
    const NAME: &'static str = "resume_subscription";

    fn subscription(&self) -> (&AppId, SubscriptionId) {
        (&self.app_id, self.subscription_id)
    }

    fn purpose(&self) -> CallPurpose {
        CallPurpose::ResumeSubscription { subscription_id: self.subscription_id }
    }

    fn command(
        &self,
        subscription: &Subscription,
        is_stale: bool,
        _now: Timestamp,
    ) -> Result<Option<GatewayCommand>, SubscriptionError> {
        if !subscription.is_live() {
            return Err(SubscriptionError::Ended);
        }
        if !subscription.is_ending() && !is_stale {
            return Ok(None);
        }
        let times = &subscription.state.times;
        // Mirrors of an earlier version do not tell how it ends.
        let is_unknown = times.created_at.is_none() || !subscription.is_ending();
        let ends_with_period = times.ends_with_period
            || is_unknown && times.cancel_at.is_none_or(|at| Some(at) == times.period_end);
        let subscription = subscription.stripe_object();
        Ok(Some(GatewayCommand::ResumeSubscription { subscription, ends_with_period }))
    }
}

impl Executor {
    /// Lets a subscription go on and returns it as it is then.
    ///
    /// # Errors
    /// [`Refused`]. After [`SubscriptionError::GatewayUnavailable`] the call is repeated until its outcome is known.
    pub async fn resume_subscription(
        &self,
        administrator: &Administrator,
        request: &ResumeSubscription,
        key: Option<&RequestKey>,
    ) -> Result<Subscription, Refused<SubscriptionError>> {
        let (subscription, refusal) = self.change_subscription(administrator, request, key).await?;
        match refusal {
            Some(_) if !subscription.is_live() => Err(SubscriptionError::Ended.into()),
            Some(reason) => Err(SubscriptionError::GatewayRefused(reason).into()),
            None => Ok(subscription),
        }
    }
}
