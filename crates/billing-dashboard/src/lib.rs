//! The Billing tab of the dashboard, as pages a server renders.
//!
//! A second driving adapter over the use cases, beside the JSON API: a page asks what the API asks and shows the same
//! sentences. [`views`] holds what the pages show, `web` what a browser sends and gets, and `pages` joins the two:
//! each handler reads what was sent, calls one use case and fills a view.

mod dashboard;
mod pages;
mod present;
mod routes;
mod views;
mod web;

/// What the pages of a worker are mounted on.
pub use actix_web::web::ServiceConfig;
pub use dashboard::{Dashboard, DashboardSettings, DemoTokens, SignIn};
pub use routes::{Route, routes};
