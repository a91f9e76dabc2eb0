use serde::{Deserialize, Deserializer};

/// Reads a field that may be left out and is no less strict when it is there: `null` counts as a value. Use it with
/// `default`.
pub(super) fn given<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    T::deserialize(deserializer).map(Some)
}

/// A value, or `null` to remove the one there is.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Removable<T>(pub Option<T>);
