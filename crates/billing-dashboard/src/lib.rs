//! The Billing tab of the dashboard, as pages a server renders.
//!
//! A second driving adapter beside the JSON API: the same use cases, the same sentences. [`views`] holds the content
//! of the pages, `web` requests and responses, and `pages` the handlers: each reads the request, calls one use case
//! and fills a view.

mod audit;
mod charts;
mod dashboard;
mod lists;
mod markdown;
mod pages;
mod present;
mod routes;
mod statuses;
mod stripe_pages;
mod views;
mod web;

/// The actix configuration that [`Dashboard::configure`] extends.
pub use actix_web::web::ServiceConfig;
pub use dashboard::{Dashboard, DashboardSettings, DemoTokens, SignIn};
pub use routes::{Route, routes};
