//! How Stripe's API is spoken: forms in, objects, lists and errors out.

pub mod answer;
pub mod auth;
pub mod call;
pub mod checks;
pub mod error;
pub mod expand;
pub mod expandable;
pub mod form;
pub mod idempotency;
pub mod page;
pub mod read;
pub mod routes;
pub mod values;
pub mod version;

pub use answer::{Answer, Reply};
pub use call::Call;
pub use error::ApiError;
pub use routes::Routes;
pub use values::{Either, Metadata, Moment, Patch, Range};

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}
