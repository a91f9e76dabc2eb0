//! The rules of KolayLogin's billing service, as values and pure functions.
//!
//! Nothing here does I/O, reads a clock or draws a random number, so any Rust service or unit test can use the rules.
//! Values from outside are arguments of a rule; the dependencies of a use case are ports in [`ports`].
//!
//! # The billing switch
//!
//! The rules of [`BillingSwitch`] return the change to make, or `None` when there is nothing to change, so that
//! requests may be repeated:
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
//! // Disabling passes through `Closing`, in which no checkout may start.
//! let closing = enabled.begin_closing(noon).expect("billing was on").after;
//! assert!(closing.is_on() && closing.admit_checkout().is_err());
//!
//! let disabled = closing.finish_closing(&Blockers::none()).expect("it was closing").after;
//! assert_eq!(disabled, BillingSwitch::Disabled);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Live subscriptions
//!
//! ```
//! use billing_domain::SubscriptionStatus;
//!
//! assert!(SubscriptionStatus::from_stripe("past_due").is_live());
//! assert!(!SubscriptionStatus::from_stripe("canceled").is_live());
//! // An unknown status of Stripe counts as live.
//! assert!(SubscriptionStatus::from_stripe("hibernating").is_live());
//! ```
//!
//! # Amounts
//!
//! ```
//! use billing_domain::{Currency, Money};
//!
//! let monthly = Money::new(4_500, Currency::parse("KWD")?);
//! assert_eq!(monthly.to_string(), "KWD 4.500");
//! assert_eq!(monthly.checked_mul(12)?.minor_units(), 54_000);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Testing code that uses the ports
//!
//! With the feature `mocks`, each port has a [mockall](https://docs.rs/mockall) double (`ports::MockX`), held by
//! `ports::MockBillingStore` and `ports::MockUnitOfWork`. `ports::FixedClock` and `ports::SequentialIds` are
//! deterministic.

#![warn(missing_docs)]

#[macro_use]
mod forms;

mod access;
mod app;
mod audit;
mod audited;
mod blocker;
mod catalog;
mod chargeable;
mod checkout_intent;
mod currency;
mod drift;
mod gateway;
mod gateway_call;
mod gateway_event;
mod gateway_link;
mod gateway_object;
mod id;
mod invoice;
mod invoice_action;
mod money;
mod payer;
mod plan_change;
pub mod ports;
mod redirect_origin;
mod refund;
mod return_url;
mod revenue;
mod session;
mod stored;
mod subscription;
mod switch;
mod text;
mod trial_end;
mod upcoming;
mod wire_time;
mod work;
mod workspace;

pub use access::*;
pub use app::*;
pub use audit::*;
pub use audited::*;
pub use blocker::*;
pub use catalog::*;
pub use chargeable::*;
pub use checkout_intent::*;
pub use currency::*;
pub use drift::*;
pub use gateway::*;
pub use gateway_call::*;
pub use gateway_event::*;
pub use gateway_link::*;
pub use gateway_object::*;
pub use id::*;
pub use invoice::*;
pub use invoice_action::*;
pub use money::*;
pub use payer::*;
pub use plan_change::*;
pub use redirect_origin::*;
pub use refund::*;
pub use return_url::*;
pub use revenue::*;
pub use session::*;
pub use stored::FromStored;
pub use subscription::*;
pub use switch::*;
pub use text::*;
pub use trial_end::*;
pub use upcoming::*;
pub use wire_time::wire_time;
pub use work::*;
pub use workspace::*;

/// A moment in UTC. [`ports::Clock`] gives microseconds, the finest resolution every supported database stores.
pub type Timestamp = chrono::DateTime<chrono::Utc>;
