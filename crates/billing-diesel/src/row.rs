//! Parsing stored text into values of the domain.

use billing_domain::ports::StoreError;
use billing_domain::{FromStored, Payer, Version};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The place of a stored value, for the report of a corrupt one.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    pub table: &'static str,
    pub key: &'a str,
}

impl Row<'_> {
    pub(crate) fn corrupt(self, column: &'static str) -> StoreError {
        StoreError::Corrupt { table: self.table, column, row: self.key.to_owned() }
    }

    pub(crate) fn read<T: FromStored>(
        self,
        column: &'static str,
        kept: impl Into<T::Kept>,
    ) -> Result<T, StoreError> {
        T::from_stored(kept.into()).ok_or_else(|| self.corrupt(column))
    }

    pub(crate) fn json<T: FromStored>(self, column: &'static str, text: &str) -> Result<T, StoreError> {
        let kept: T::Kept = serde_json::from_str(text).map_err(|_| self.corrupt(column))?;
        self.read(column, kept)
    }

    /// A value whose own `Deserialize` is for stored JSON.
    pub(crate) fn facts<T: DeserializeOwned>(
        self,
        column: &'static str,
        text: &str,
    ) -> Result<T, StoreError> {
        serde_json::from_str(text).map_err(|_| self.corrupt(column))
    }

    pub(crate) fn count(self, column: &'static str, number: i64) -> Result<u32, StoreError> {
        u32::try_from(number).map_err(|_| self.corrupt(column))
    }

    pub(crate) fn version(self, number: i64) -> Result<Version, StoreError> {
        u32::try_from(number).map(Version::from_stored).map_err(|_| self.corrupt("version"))
    }

    pub(crate) fn present<T>(self, column: &'static str, value: Option<T>) -> Result<T, StoreError> {
        value.ok_or_else(|| self.corrupt(column))
    }

    pub(crate) fn payer(self, kind: &str, id: &str) -> Result<Payer, StoreError> {
        match kind {
            "user" => Ok(Payer::User(self.read("payer_id", id)?)),
            "organization" => Ok(Payer::Organization(self.read("payer_id", id)?)),
            _ => Err(self.corrupt("payer_kind")),
        }
    }
}

pub(crate) fn to_json(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Unexpected(Box::new(error)))
}

/// The result of a guarded write: a conflict if no row matched.
pub(crate) fn written(rows: usize) -> Result<(), StoreError> {
    if rows == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}

/// The stored kind and id of a payer.
pub(crate) fn payer_columns(payer: &Payer) -> (&'static str, &str) {
    match payer {
        Payer::User(id) => ("user", id.as_str()),
        Payer::Organization(id) => ("organization", id.as_str()),
    }
}
