//! The SQLite copy of the queries.

mod batch;
mod dialect;
mod gated;
mod in_place;
#[path = "../queries/mod.rs"]
mod queries;

pub(crate) use dialect::{migrate, open};
pub(crate) use gated::{Gates, open_gated};
