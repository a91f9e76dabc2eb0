use billing_domain::{
    Administrator, AppId, CallPurpose, GatewayCommand, RequestKey, Subscription, SubscriptionId, Timestamp,
};
use serde::Serialize;

use super::SubscriptionError;
use super::change_subscription::SubscriptionChange;
use crate::change::Executor;
use crate::refusal::Refused;

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

impl SubscriptionChange for CancelSubscription {
    const NAME: &'static str = "cancel_subscription";

    fn subscription(&self) -> (&AppId, SubscriptionId) {
        (&self.app_id, self.subscription_id)
    }

    fn purpose(&self) -> CallPurpose {
        let Self { subscription_id, at_period_end, .. } = *self;
        CallPurpose::CancelSubscription { subscription_id, at_period_end }
    }

    fn command(
        &self,
        subscription: &Subscription,
        is_stale: bool,
        _now: Timestamp,
    ) -> Result<Option<GatewayCommand>, SubscriptionError> {
        if !subscription.is_live() || self.at_period_end && subscription.is_ending() && !is_stale {
            return Ok(None);
        }
        let subscription = subscription.stripe_object();
        Ok(Some(if self.at_period_end {
            GatewayCommand::CancelAtPeriodEnd { subscription }
        } else {
            GatewayCommand::CancelSubscription { subscription }
        }))
    }
}

impl Executor {
    /// Ends a subscription and returns it as it is then.
    ///
    /// # Errors
    /// [`Refused`]. After [`SubscriptionError::GatewayUnavailable`] the call is repeated until its outcome is known.
    pub async fn cancel_subscription(
        &self,
        administrator: &Administrator,
        request: &CancelSubscription,
        key: Option<&RequestKey>,
    ) -> Result<Subscription, Refused<SubscriptionError>> {
        let (subscription, refusal) = self.change_subscription(administrator, request, key).await?;
        match refusal {
            // What Stripe refused to end may have ended already.
            Some(reason) if subscription.is_live() => Err(SubscriptionError::GatewayRefused(reason).into()),
            _ => Ok(subscription),
        }
    }
}
