//! What a use case needs from outside. Adapters are named for their technology and port
//! (`DieselBillingStore`); doubles are `MockX`, [`FixedClock`] and [`SequentialIds`] (feature `mocks`).

mod answered_requests;
mod apps;
mod catalog;
mod clock;
mod ids;
#[cfg(feature = "mocks")]
mod mocks;
mod sessions;
mod store;
mod unit_of_work;

pub use answered_requests::{AnsweredRequest, AnsweredRequests};
pub use apps::{AppReader, AppRepository};
pub use catalog::{CatalogReader, CatalogRepository};
pub use clock::Clock;
pub use ids::IdGenerator;
#[cfg(feature = "mocks")]
pub use mocks::{FixedClock, MockBillingStore, MockUnitOfWork, SequentialIds};
pub use sessions::{DashboardSessions, SessionError};
pub use store::{BillingStore, BoxError, StoreError, error_chain};
pub use unit_of_work::{
    AuditLog, CheckoutIntentRepository, SubscriptionRepository, SwitchRepository, UnitOfWork,
};
