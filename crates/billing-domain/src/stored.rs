//! Reading stored values without the rules for new input.
//!
//! A rule may become stricter after a value was stored. `parse` applies the rule to new input; [`FromStored`] accepts
//! older values.

use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};

/// A value that is read from storage without the rules for new input.
pub trait FromStored: Sized {
    /// The stored form: the type of a database column or JSON field.
    type Kept: DeserializeOwned;

    /// The stored value; `None` for a corrupt one, which no rule ever accepted.
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

/// `#[serde(deserialize_with = "stored")]` for a field of a value stored as JSON. An `Option` also needs
/// `#[serde(default)]`.
pub(crate) fn stored<'de, T: FromStored, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let kept = T::Kept::deserialize(deserializer)?;
    T::from_stored(kept).ok_or_else(|| D::Error::custom("the stored value cannot be read"))
}
