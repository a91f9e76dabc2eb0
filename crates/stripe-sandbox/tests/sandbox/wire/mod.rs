//! Stripe's wire: keys, parameters, errors, lists, expansion.

mod absent;
mod accounts;
mod auth;
mod expand;
mod inline;
mod metadata;
mod pages;
mod parameters;
