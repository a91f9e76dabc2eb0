#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod dashboard;
mod fetch_runner;
mod issuer;
mod jwks;
mod key;
mod key_set;
mod verifier;

pub use dashboard::{DashboardTokens, UnusableTokens};
pub use fetch_runner::{FetchRunner, KeyFetch};
