//! The rules of KolayLogin's billing service, as values and pure functions.
//!
//! Nothing here does I/O, reads a clock or draws a random number, so the crate builds in seconds and
//! its rules can be used by any Rust service or unit test. What a rule needs from outside is passed in;
//! what a use case needs from outside is a port in [`ports`].
//!
//! # Is billing on?
//!
//! [`BillingSwitch`] is the whole answer. Its rules return the change to make, or `None` when there is
//! nothing to do, so a request that is repeated changes nothing:
//!
//! ```
//! use billing_domain::{BillingSwitch, Blockers, GatewayAvailability, Gateway, Timestamp};
//!
//! let noon: Timestamp = "2026-11-22T12:00:00Z".parse()?;
//! let available = GatewayAvailability::default();
//!
//! let enabled = BillingSwitch::Disabled
//!     .enable(Gateway::Managed, &available, noon)?
//!     .expect("billing was off")
//!     .after;
//! assert_eq!(enabled.since(), Some(noon));
//! assert_eq!(enabled.enable(Gateway::Managed, &available, noon)?, None);
//!
//! // Switching off passes through `Closing`, in which no checkout may start.
//! let closing = enabled.begin_closing(noon).expect("billing was on").after;
//! assert!(closing.is_on() && closing.admit_checkout().is_err());
//!
//! let disabled = closing.finish_closing(&Blockers::none()).expect("it was closing").after;
//! assert_eq!(disabled, BillingSwitch::Disabled);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Who is still being charged?
//!
//! ```
//! use billing_domain::SubscriptionStatus;
//!
//! assert!(SubscriptionStatus::from_stripe("past_due").is_live());
//! assert!(!SubscriptionStatus::from_stripe("canceled").is_live());
//! // A status Stripe adds tomorrow counts as live until this code learns better.
//! assert!(SubscriptionStatus::from_stripe("hibernating").is_live());
//! ```
//!
//! # How much?
//!
//! ```
//! use billing_domain::{Currency, Money};
//!
//! let monthly = Money::new(4_500, Currency::parse("KWD")?);
//! assert_eq!(monthly.to_string(), "4.500 KWD");
//! assert_eq!(monthly.checked_mul(12)?.minor_units(), 54_000);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Testing code that uses the ports
//!
//! With the feature `mocks`, each port has a generated [mockall](https://docs.rs/mockall) double (`ports::MockX`);
//! `ports::MockBillingStore` and `ports::MockUnitOfWork` hand them out, and `ports::FixedClock` and
//! `ports::SequentialIds` make time and ids repeatable.

#![warn(missing_docs)]

mod app;
mod audit;
mod blocker;
mod catalog;
mod checkout_intent;
mod currency;
mod gateway;
mod id;
mod money;
mod payer;
pub mod ports;
mod redirect_origin;
mod session;
mod stored;
mod subscription;
mod switch;
mod text;
mod wire_time;
mod work;
mod workspace;

pub use app::*;
pub use audit::*;
pub use blocker::*;
pub use catalog::*;
pub use checkout_intent::*;
pub use currency::*;
pub use gateway::*;
pub use id::*;
pub use money::*;
pub use payer::*;
pub use redirect_origin::*;
pub use session::*;
pub use stored::FromStored;
pub use subscription::*;
pub use switch::*;
pub use text::*;
pub use wire_time::wire_time;
pub use work::*;
pub use workspace::*;

/// A moment in UTC. Values made by [`ports::Clock`] have microsecond resolution, the finest that every
/// supported database keeps.
pub type Timestamp = chrono::DateTime<chrono::Utc>;
