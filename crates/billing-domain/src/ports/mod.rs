//! What a use case needs from outside. Adapters are named for their technology and port
//! (`DieselBillingStore`); doubles are `MockX`, [`FixedClock`] and [`SequentialIds`] (feature `mocks`).

mod clock;
mod ids;
#[cfg(feature = "mocks")]
mod mocks;
mod store;
mod unit_of_work;

pub use clock::Clock;
pub use ids::IdGenerator;
#[cfg(feature = "mocks")]
pub use mocks::{FixedClock, MockBillingStore, MockUnitOfWork, SequentialIds};
pub use store::{BillingStore, BoxError, StoreError, error_chain};
pub use unit_of_work::{
    AppRepository, AuditLog, CheckoutIntentRepository, SubscriptionRepository, SwitchRepository, UnitOfWork,
};
