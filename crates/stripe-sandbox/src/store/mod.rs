//! Objects, in memory and on disk.

mod beside;
mod difference;
mod head;
mod journal;
mod json_text;
mod object;
mod table;
mod transaction;
mod world;

pub use journal::{Journal, JournalError};
pub use json_text::JsonText;
pub(crate) use object::stored_as;
pub use object::{Kind, Object, Resource};
pub use table::Table;
pub use transaction::{Origin, Tx};
pub use world::{Due, ROOT, Tables, World};
