//! Reading stored text back into values of the domain.

use std::str::FromStr;

use billing_domain::Payer;
use billing_domain::ports::StoreError;

/// Where a value was read, so that a corrupt one can be found.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    pub table: &'static str,
    pub key: &'a str,
}

impl Row<'_> {
    pub(crate) fn corrupt(self, column: &'static str) -> StoreError {
        StoreError::Corrupt { table: self.table, column, row: self.key.to_owned() }
    }

    pub(crate) fn read<T: FromStr>(self, column: &'static str, text: &str) -> Result<T, StoreError> {
        text.parse().map_err(|_| self.corrupt(column))
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

/// The stored kind and id of a payer.
pub(crate) fn payer_columns(payer: &Payer) -> (&'static str, &str) {
    match payer {
        Payer::User(id) => ("user", id.as_str()),
        Payer::Organization(id) => ("organization", id.as_str()),
    }
}
