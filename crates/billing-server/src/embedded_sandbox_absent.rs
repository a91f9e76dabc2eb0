//! Replaces `embedded_sandbox.rs` in a build without the feature `stripe-sandbox`.

use std::future::{Ready, ready};

use billing_diesel::DatabaseUrl;

use crate::BoxError;
use crate::settings::SandboxListen;

/// Whether this build has the sandbox.
pub(crate) const IS_BUILT_IN: bool = false;

/// An uninhabited type.
pub(crate) enum Sandbox {}

impl Sandbox {
    pub(crate) fn url(&self) -> &str {
        match *self {}
    }

    pub(crate) fn ahead(&self) -> fn() -> i64 {
        match *self {}
    }

    pub(crate) fn stop(self) -> Ready<()> {
        match self {}
    }
}

/// Refuses. The settings allow a sandbox only in a build that has it.
pub(crate) fn start(_: SandboxListen, _: &DatabaseUrl) -> Ready<Result<Sandbox, BoxError>> {
    ready(Err("this build has no Stripe sandbox".into()))
}
