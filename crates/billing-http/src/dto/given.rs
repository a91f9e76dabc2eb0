use serde::{Deserialize, Deserializer};

/// Reads an optional field strictly: `null` counts as a value. Use it with `default`.
pub(super) fn given<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    T::deserialize(deserializer).map(Some)
}

/// A value, or `null` to remove it.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Removable<T>(pub Option<T>);
