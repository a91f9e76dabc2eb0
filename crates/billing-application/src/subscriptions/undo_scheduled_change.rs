use billing_domain::{
    Administrator, AppId, CallPurpose, GatewayCommand, RequestKey, Subscription, SubscriptionId,
};
use serde::Serialize;

use super::SubscriptionError;
use super::change_subscription::SubscriptionChange;
use crate::change::Executor;
use crate::refusal::Refused;

/// Undoes the change of plan, interval or seats that is to come at the end of the period. May be repeated: a subscription
/// without one stays as it is.
#[derive(Debug, Clone, Serialize)]
pub struct UndoScheduledChange {
    /// The app that sells the plan.
    pub app_id: AppId,
    /// The subscription.
    pub subscription_id: SubscriptionId,
}

impl SubscriptionChange for UndoScheduledChange {
    const NAME: &'static str = "undo_scheduled_change";

    fn subscription(&self) -> (&AppId, SubscriptionId) {
        (&self.app_id, self.subscription_id)
    }

    fn purpose(&self) -> CallPurpose {
        CallPurpose::ReleaseSchedule { subscription_id: self.subscription_id }
    }

    fn releases_schedule(&self) -> bool {
        false
    }

    fn command(
        &self,
        subscription: &Subscription,
        _is_stale: bool,
    ) -> Result<Option<GatewayCommand>, SubscriptionError> {
        if !subscription.is_live() {
            return Err(SubscriptionError::Ended);
        }
        let schedule = subscription.state.schedule.as_ref();
        Ok(schedule.map(|schedule| GatewayCommand::ReleaseSchedule { schedule: schedule.id.clone() }))
    }
}

impl Executor {
    /// Undoes a scheduled change and returns the subscription as it is then.
    ///
    /// # Errors
    /// [`Refused`]. After [`SubscriptionError::GatewayUnavailable`] the call is repeated until its outcome is known.
    pub async fn undo_scheduled_change(
        &self,
        administrator: &Administrator,
        request: &UndoScheduledChange,
        key: Option<&RequestKey>,
    ) -> Result<Subscription, Refused<SubscriptionError>> {
        let (subscription, refusal) = self.change_subscription(administrator, request, key).await?;
        match refusal {
            // What Stripe refused to release may have ended already.
            Some(reason) if subscription.scheduled_change().is_some() => {
                Err(SubscriptionError::GatewayRefused(reason).into())
            }
            _ => Ok(subscription),
        }
    }
}
