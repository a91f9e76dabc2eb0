//! Changes of subscriptions.

mod cancel_subscription;
mod change_plan;
mod change_subscription;
mod plan_change;
mod prepare_plan_change;
mod resume_subscription;
mod undo_scheduled_change;

pub use cancel_subscription::CancelSubscription;
pub use change_subscription::SubscriptionError;
pub use plan_change::{ChangePlan, OutdatedPreview, PlanChange, PlanChangePreview};
pub use resume_subscription::ResumeSubscription;
pub use undo_scheduled_change::UndoScheduledChange;
