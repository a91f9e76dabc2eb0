//! The queries, written against the `dialect` beside which this module is mounted.

use super::dialect;

mod account_modes;
mod answered_requests;
mod apps;
mod attachments;
mod attention;
mod audit;
mod blockers;
mod catalogs;
mod checkout_intents;
pub(super) mod condition;
mod connections;
mod drifts;
mod events;
mod features;
mod gateway_calls;
mod gateway_links;
mod invoices;
mod lists;
mod placing;
mod plan_offers;
mod plans;
mod prices;
mod retention;
mod revenue;
pub(super) mod rows;
mod sale_counts;
mod sale_lists;
pub(super) mod schema;
mod store;
mod subscription_lists;
mod subscriptions;
mod trials;
mod unit_of_work;
mod work;
mod workspace_subscriptions;
mod workspaces;

pub(super) use connections::Connections;
pub(super) use store::DieselBillingStore;
pub(super) use workspaces::WorkspaceRow;
