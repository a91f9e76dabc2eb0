use crate::Timestamp;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// The present moment, cut to microseconds: a finer one would not survive every database, and a value
    /// that was saved would differ from the one that was answered.
    fn now(&self) -> Timestamp;
}
