//! Reading values back from storage without the rules for new input.
//!
//! A rule may be tightened after a value was stored. `parse` applies today's rule to new input; [`FromStored`] reads
//! what an earlier version accepted.

use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};

/// A value that reads back from storage whatever today's rule for new input says.
pub trait FromStored: Sized {
    /// The stored form: what a database column or a JSON field holds.
    type Kept: DeserializeOwned;

    /// The stored value; `None` when the stored form cannot stand for one under any rule, which means the row is
    /// corrupt.
    fn from_stored(kept: Self::Kept) -> Option<Self>;
}

impl<T: FromStored> FromStored for Option<T> {
    type Kept = Option<T::Kept>;

    fn from_stored(kept: Self::Kept) -> Option<Self> {
        match kept {
            None => Some(None),
            Some(kept) => T::from_stored(kept).map(Some),
        }
    }
}

impl<T: FromStored> FromStored for Vec<T> {
    type Kept = Vec<T::Kept>;

    fn from_stored(kept: Self::Kept) -> Option<Self> {
        kept.into_iter().map(T::from_stored).collect()
    }
}

/// `#[serde(deserialize_with = "stored")]` for a field of a value that is stored as JSON. An `Option` needs
/// `#[serde(default)]` beside it.
pub(crate) fn stored<'de, T: FromStored, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let kept = T::Kept::deserialize(deserializer)?;
    T::from_stored(kept).ok_or_else(|| D::Error::custom("the stored value cannot be read"))
}
