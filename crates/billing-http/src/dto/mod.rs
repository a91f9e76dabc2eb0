//! The JSON of requests and answers.

mod billing_status;
mod blockers;
mod enable_billing;
mod gateway;

pub(crate) use billing_status::BillingStatusBody;
pub(crate) use blockers::{BlockerBody, DisablePreflightBody};
pub(crate) use enable_billing::{DisableBillingBody, EnableBillingBody};
pub(crate) use gateway::GatewayName;

use billing_domain::Timestamp;
use chrono::SecondsFormat;

/// RFC 3339 in UTC with milliseconds.
fn wire_time(moment: Timestamp) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Millis, true)
}
