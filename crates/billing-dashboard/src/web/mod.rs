//! Requests and responses of browsers.

mod cookies;
mod failure;
mod fields;
mod flash;
mod refusal;
mod reply;
mod submission;
mod visit;

pub(crate) use cookies::{set_cookie, without_cookie};
pub(crate) use failure::Failure;
pub(crate) use fields::{Fields, error_of, error_of_form, parsed};
pub(crate) use flash::Flash;
pub(crate) use refusal::refusal;
pub(crate) use reply::{Reply, asset, downloaded, redirect, redirect_for_good, rendered};
pub(crate) use submission::Submission;
pub(crate) use visit::Visit;
