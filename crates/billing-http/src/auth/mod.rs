//! Who asks: the dashboard's JSON Web Tokens (contract, section 3).

mod jwks;
mod session;
mod verifier;

pub(crate) use session::{SignedIn, SignedInAdministrator, authenticate, while_billing_is_on};
pub use verifier::{DashboardTokens, UnusableTokens};
