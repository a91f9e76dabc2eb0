//! Authentication of requests: extractors and middleware over the port `DashboardSessions` (contract, section 3).

mod session;

pub(crate) use session::{SignedIn, SignedInAdministrator, authenticate, while_billing_is_on};
