//! Every query, written against the `dialect` beside which this module is mounted.

use super::dialect;

mod apps;
mod audit;
mod blockers;
mod checkout_intents;
pub(super) mod schema;
mod store;
mod subscriptions;
mod unit_of_work;
mod workspaces;

pub(super) use store::DieselBillingStore;
pub(super) use workspaces::WorkspaceRow;
