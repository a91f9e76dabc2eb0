//! Changes of subscriptions.

mod cancel_subscription;

pub use cancel_subscription::{CancelSubscription, CancelSubscriptionError};
