//! The billing portal.

mod cards;
mod configurations;
mod pages;
mod scene;
mod sessions;
mod steps;
