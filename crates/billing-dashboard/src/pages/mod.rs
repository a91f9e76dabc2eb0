//! The handlers, one module per page.

pub(crate) mod act_on_invoice;
pub(crate) mod app;
pub(crate) mod apps;
pub(crate) mod archive_plan;
pub(crate) mod archive_price;
pub(crate) mod assets;
pub(crate) mod attach_feature;
pub(crate) mod audit_log;
mod blockers;
pub(crate) mod cancel_subscription;
pub(crate) mod change_plan;
pub(crate) mod checkout_link;
pub(crate) mod checkout_return;
pub(crate) mod delete_feature;
pub(crate) mod detach_feature;
pub(crate) mod disable_billing;
pub(crate) mod documentation;
pub(crate) mod edit_plan;
pub(crate) mod enable_billing;
pub(crate) mod feature;
pub(crate) mod features;
mod gateway_form;
pub(crate) mod invoice;
pub(crate) mod invoices;
pub(crate) mod new_app;
pub(crate) mod new_checkout_link;
pub(crate) mod new_feature;
pub(crate) mod new_plan;
pub(crate) mod plan;
mod plan_form;
pub(crate) mod plans;
mod price_form;
pub(crate) mod refund_invoice;
pub(crate) mod resume_subscription;
mod sales;
pub(crate) mod settings;
pub(crate) mod sign_in;
pub(crate) mod subscription;
pub(crate) mod subscriptions;
pub(crate) mod switch_gateway;
pub(crate) mod unknown;

pub(crate) use assets::VERSION as ASSET_VERSION;
#[cfg(test)]
pub(crate) use assets::{SCRIPT, STYLES};
