//! One handler a file.

pub(crate) mod disable_billing;
pub(crate) mod enable_billing;
pub(crate) mod preflight_disable;
pub(crate) mod read_billing_status;
