//! The billing portal.

mod cards;
mod configurations;
mod customer;
mod pages;
mod reasons;
mod scene;
mod scheduled;
mod sessions;
mod steps;
