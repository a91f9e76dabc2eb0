//! The SQLite copy of the queries.

mod dialect;
#[path = "../queries/mod.rs"]
mod queries;

pub(crate) use dialect::{migrate, open};
