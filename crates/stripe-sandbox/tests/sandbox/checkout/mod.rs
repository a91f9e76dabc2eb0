//! Checkout sessions, paid by the calls that Stripe's own tools make.

mod authentication;
mod creating;
mod paying;
mod till;
