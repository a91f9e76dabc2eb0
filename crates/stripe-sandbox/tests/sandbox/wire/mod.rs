//! Stripe's wire: keys, parameters, errors, lists, expansion.

mod accounts;
mod auth;
mod expand;
mod metadata;
mod pages;
mod parameters;
