//! Checkout sessions, paid by the calls that Stripe's own tools make.

mod anchored;
mod authentication;
mod creating;
mod paying;
mod till;
