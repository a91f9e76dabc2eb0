#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod accounts;
mod answer;
mod calls;
mod chargeable;
mod endpoints;
mod events;
mod frozen;
mod gateway;
mod http;
mod lists;
mod metadata;
mod modes;
mod reads;
mod settings;
mod transport;
mod wire;

pub use events::{HANDLED, IGNORED};
pub use gateway::StripePaymentGateway;
pub use http::{HttpTransport, Unusable};
pub use settings::{RateLimit, StripeSettings, StripeSource};
pub use transport::{ApiAnswer, ApiRequest, Method, StripeTransport};

/// The version of Stripe's API that requests are built for and webhooks are sent in.
pub const API_VERSION: &str = "2026-09-30.endive";
