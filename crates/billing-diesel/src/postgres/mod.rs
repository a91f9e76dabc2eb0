//! The Postgres copy of the queries.

mod backend;
mod batch;
mod bound;
mod connection;
mod dialect;
mod failure;
mod pipeline;
#[path = "../queries/mod.rs"]
mod queries;
mod row;
mod scale_out;

pub(crate) use dialect::{migrate, open, scale_out};
