//! Takes the place of `embedded_sandbox.rs` in a build without the feature `stripe-sandbox`.

use std::future::{Ready, ready};

use billing_diesel::DatabaseUrl;

use crate::BoxError;
use crate::settings::SandboxListen;

/// Whether this build can serve it.
pub(crate) const IS_BUILT_IN: bool = false;

/// No value of this type exists.
pub(crate) enum Sandbox {}

impl Sandbox {
    pub(crate) fn url(&self) -> &str {
        match *self {}
    }

    pub(crate) fn stop(self) -> Ready<()> {
        match self {}
    }
}

/// Refuses. The settings ask for a sandbox only where one is built in.
pub(crate) fn start(_: SandboxListen, _: &DatabaseUrl) -> Ready<Result<Sandbox, BoxError>> {
    ready(Err("this build has no Stripe sandbox".into()))
}
