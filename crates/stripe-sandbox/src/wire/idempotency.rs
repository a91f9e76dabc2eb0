//! The first answer under an `Idempotency-Key` is kept, and given again.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ApiError;
use crate::{
    clock::{DAY, Timestamp},
    store::{JsonText, Resource, Tx, stored_as},
};

const LONGEST_KEY: usize = 255;
const KEPT_AT_MOST: usize = 20_000;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct IdempotentAnswer {
    pub id: String,
    pub created: Timestamp,
    /// What was asked: the same key with something else is an error.
    pub asked: String,
    pub request: String,
    pub status: u16,
    pub body: JsonText,
}

impl Resource for IdempotentAnswer {
    stored_as!(IdempotentAnswer);

    fn render(&self, _tx: &Tx<'_>) -> Value {
        self.body.value()
    }

    /// Then it is forgotten.
    fn due(&self) -> Option<Timestamp> {
        Some(self.created + DAY)
    }
}

impl IdempotentAnswer {
    /// The answer that was given, if any.
    ///
    /// # Errors
    ///
    /// The key was used for something else.
    pub fn find(tx: &Tx<'_>, key: &str, asked: &str) -> Result<Option<Self>, ApiError> {
        let Some(known) = tx.find::<Self>(key) else { return Ok(None) };
        if known.asked != asked {
            return Err(ApiError::idempotency_mismatch(format!(
                "Keys for idempotent requests can only be used with the same parameters they were first used with. \
                 Try using a key other than '{key}' if you meant to execute a different request."
            )));
        }
        Ok(Some(known.clone()))
    }

    pub fn keep(self, tx: &mut Tx<'_>) {
        tx.put(self);
        for id in tx.oldest_beyond::<Self>(KEPT_AT_MOST, 1) {
            tx.remove::<Self>(&id);
        }
    }
}

/// # Errors
///
/// A key that is empty or too long.
pub fn checked_key(key: &str) -> Result<(), ApiError> {
    if key.is_empty() || key.chars().count() > LONGEST_KEY {
        return Err(ApiError::invalid(format!(
            "An Idempotency-Key must have 1 to {LONGEST_KEY} characters; this one has {}.",
            key.chars().count()
        )));
    }
    Ok(())
}

/// The key's first request is still being worked on.
pub fn in_use(key: &str) -> ApiError {
    ApiError::conflict(format!(
        "There is currently another in-progress request using this Idempotent Key (that probably means you submitted \
         twice, and the other request is still going through): {key}. Please try again later."
    ))
    .coded("idempotency_key_in_use")
}
