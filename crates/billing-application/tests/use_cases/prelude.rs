//! The names of the two crates under test.

pub(crate) use billing_application::*;
pub(crate) use billing_domain::ports::*;
pub(crate) use billing_domain::*;
