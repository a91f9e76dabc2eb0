//! Changes of subscriptions.

mod cancel_subscription;
mod change_plan;
mod change_subscription;
mod change_trial;
mod payment_method_link;
mod plan_change;
mod prepare_plan_change;
mod resume_subscription;

pub use cancel_subscription::CancelSubscription;
pub use change_subscription::SubscriptionError;
pub use change_trial::ChangeTrial;
pub use payment_method_link::CreatePaymentMethodLink;
pub use plan_change::{ChangePlan, OutdatedPreview, PlanChange, PlanChangePreview};
pub use resume_subscription::ResumeSubscription;
