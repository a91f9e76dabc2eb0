//! Objects, in memory and on disk.

mod difference;
mod journal;
mod journal_error;
mod object;
mod table;
mod transaction;
mod world;

pub use journal::Journal;
pub use journal_error::JournalError;
pub(crate) use object::stored_as;
pub use object::{Kind, Object, Resource};
pub use table::Table;
pub use transaction::{Origin, Tx};
pub use world::{Due, ROOT, Tables, World};
