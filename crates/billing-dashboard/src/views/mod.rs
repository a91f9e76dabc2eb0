//! The content of the dashboard's pages: one struct of prepared text per page, each with a template. No billing
//! rules, clock or HTTP.

mod apps;
mod audit_log;
mod confirm;
mod documentation;
mod errors;
mod features;
mod fields;
mod gate;
mod layout;
mod plan;
mod plan_form;
mod plans;
mod settings;
mod sign_in;

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;

pub(crate) use apps::*;
pub(crate) use audit_log::*;
pub(crate) use confirm::*;
pub(crate) use documentation::*;
pub(crate) use errors::*;
pub(crate) use features::*;
pub(crate) use fields::*;
pub(crate) use gate::*;
pub(crate) use layout::*;
pub(crate) use plan::*;
pub(crate) use plan_form::*;
pub(crate) use plans::*;
pub(crate) use settings::*;
pub(crate) use sign_in::*;
