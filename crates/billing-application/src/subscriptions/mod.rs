//! Changes of subscriptions.

mod cancel_subscription;
mod change_subscription;
mod resume_subscription;

pub use cancel_subscription::CancelSubscription;
pub use change_subscription::SubscriptionError;
pub use resume_subscription::ResumeSubscription;
