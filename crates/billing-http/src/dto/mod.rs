//! The JSON of requests and answers.

mod app;
mod audit_log;
mod billing_status;
mod blockers;
mod create_plan;
mod enable_billing;
mod feature;
mod gateways;
mod given;
mod list;
mod plan;
mod price;
mod update_plan;
mod words;

pub(crate) use app::{AppBody, CreateAppBody, UpdateAppBody};
pub(crate) use audit_log::AuditEntryBody;
pub(crate) use billing_status::BillingStatusBody;
pub(crate) use blockers::{BlockerBody, DisablePreflightBody};
pub(crate) use create_plan::CreatePlanBody;
pub(crate) use enable_billing::{DisableBillingBody, EnableBillingBody};
pub(crate) use feature::{AttachFeatureBody, CreateFeatureBody, FeatureBody, UpdateFeatureBody};
pub(crate) use gateways::GatewaysBody;
pub(crate) use list::ListBody;
pub(crate) use plan::PlanBody;
pub(crate) use price::{AddPriceBody, PriceBody};
pub(crate) use update_plan::UpdatePlanBody;
pub(crate) use words::GatewayName;

use billing_domain::Timestamp;
use chrono::SecondsFormat;

/// RFC 3339 in UTC with milliseconds.
fn wire_time(moment: Timestamp) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Millis, true)
}
