//! The ports of the use cases. Adapters are named for technology and port (`DieselBillingStore`); doubles are
//! `MockX`, `FixedClock`, `FixedMode` and `SequentialIds` (feature `mocks`).

mod account_modes;
mod answered_requests;
mod apps;
mod attention;
mod audit_log;
mod checkout_intents;
mod clock;
mod drifts;
mod events;
mod features;
mod gateway_calls;
mod gateway_links;
mod ids;
mod invoices;
mod lists;
#[cfg(feature = "mocks")]
mod mocks;
mod payment_gateway;
mod plans;
mod retention;
mod revenue;
mod sessions;
mod store;
mod subscriptions;
mod switches;
mod unit_of_work;
mod work;

pub use account_modes::*;
pub use answered_requests::*;
pub use apps::*;
pub use attention::*;
pub use audit_log::*;
pub use checkout_intents::*;
pub use clock::*;
pub use drifts::*;
pub use events::*;
pub use features::*;
pub use gateway_calls::*;
pub use gateway_links::*;
pub use ids::*;
pub use invoices::*;
pub use lists::*;
#[cfg(feature = "mocks")]
pub use mocks::*;
pub use payment_gateway::*;
pub use plans::*;
pub use retention::*;
pub use revenue::*;
pub use sessions::*;
pub use store::*;
pub use subscriptions::*;
pub use switches::*;
pub use unit_of_work::*;
pub use work::*;
