//! A stateful server that speaks Stripe's API, for development and tests. No money moves here: it refuses live keys.
//!
//! It holds no rule of the billing service and knows nothing of it; Stripe's own tools and SDKs are what it is tested
//! with.
#![recursion_limit = "256"]

mod api;
mod clock;
mod control;
mod currency;
mod http;
mod in_process;
mod lifecycle;
mod mistake;
mod pages;
mod resources;
mod sandbox;
mod store;
mod unit_amount;
mod webhooks;
mod wire;

pub use api::{API_VERSION, ApiRequest, ApiResponse};
pub use in_process::{InProcess, LedgerObject, Webhook};
pub use sandbox::{Options, Sandbox, StartError};
