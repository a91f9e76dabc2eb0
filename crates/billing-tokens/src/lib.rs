#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod dashboard;
mod fetch_runner;
mod jwks;
mod key;
mod verifier;

pub use dashboard::{DashboardTokens, UnusableTokens};
pub use fetch_runner::{FetchRunner, KeyFetch};
