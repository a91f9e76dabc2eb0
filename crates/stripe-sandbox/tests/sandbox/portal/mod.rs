//! The billing portal.

mod configurations;
mod sessions;
