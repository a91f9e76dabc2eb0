//! The JSON API of billing.
//!
//! A handler extracts, calls one use case and maps the outcome; it decides nothing about billing.
//! [`openapi_document`] is generated from the handlers and served at `/openapi.json`.

mod api;
mod auth;
mod connection;
mod documentation;
mod dto;
mod endpoint;
mod error;
mod extract;
mod files;
mod handlers;
mod metrics;
mod middleware;
mod openapi;
mod operations;
mod refused_webhooks;
mod request_id;
mod routes;
mod server;
mod slices;
mod unreadable;
mod webhook_outcome;

pub use api::BillingApi;
pub use metrics::Metrics;
pub use openapi::openapi_document;
pub use server::serve;
