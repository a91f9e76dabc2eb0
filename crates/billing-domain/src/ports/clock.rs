use crate::Timestamp;

/// The current time.
pub trait Clock: Send + Sync {
    /// The current moment, truncated to microseconds so that it reads back unchanged from every database.
    fn now(&self) -> Timestamp;
}
