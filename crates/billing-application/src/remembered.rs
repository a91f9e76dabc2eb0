use billing_domain::RequestKey;
use billing_domain::ports::{AnsweredRequest, StoreError};
use chrono::TimeDelta;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::change::Tx;
use crate::refusal::{Refusal, Refused};

/// The lifetime of a stored response (contract, section 3).
const REMEMBERED: TimeDelta = TimeDelta::hours(24);

/// The key was used for another request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "This idempotency key was used for another request in the last 24 hours. Use a new key for a new request."
)]
pub struct RequestKeyReused;

impl RequestKeyReused {
    /// The message for a form, which is shown again with a new key.
    pub const OF_A_FORM: &'static str =
        "This form was sent before, with other values. Send it again to add another one.";
}

/// A request under an idempotency key. Its response is stored in the transaction of the change, behind the lock of
/// the workspace.
pub(crate) struct RememberedRequest<'a> {
    key: &'a RequestKey,
    /// The use case's name and the request as JSON: equal requests have equal fingerprints.
    fingerprint: String,
    /// Whether there is a stored response.
    is_answered: bool,
}

impl<'a> RememberedRequest<'a> {
    pub(crate) fn new(
        name: &'static str,
        request: &impl Serialize,
        key: &'a RequestKey,
    ) -> Result<Self, StoreError> {
        Ok(Self { key, fingerprint: to_json(&(name, request))?, is_answered: false })
    }

    /// The stored response for this key, if any.
    pub(crate) async fn earlier_answer<T: DeserializeOwned, E: Refusal>(
        &mut self,
        tx: &mut Tx,
    ) -> Result<Option<T>, Refused<E>> {
        let requests = tx.work.answered_requests();
        let answered = requests.answered_request(&tx.workspace.id, self.key, tx.now - REMEMBERED).await?;
        match answered {
            None => Ok(None),
            Some(answered) if answered.request != self.fingerprint => Err(RequestKeyReused.into()),
            Some(answered) => {
                self.is_answered = true;
                match serde_json::from_str(&answered.outcome) {
                    Ok(answer) => Ok(Some(answer)),
                    Err(error) => Err(StoreError::Unexpected(Box::new(error)).into()),
                }
            }
        }
    }

    /// Stores the response, in place of an earlier one that [`earlier_answer`](Self::earlier_answer) found and that is
    /// no answer any more.
    pub(crate) async fn remember(self, tx: &mut Tx, answer: &impl Serialize) -> Result<(), StoreError> {
        let outcome = to_json(answer)?;
        if self.is_answered {
            let (requests, now) = (tx.work.answered_requests(), tx.now);
            return requests.replace_outcome(&tx.workspace.id, self.key, &outcome, now).await;
        }
        let answered = AnsweredRequest { request: self.fingerprint, outcome };
        let (requests, since) = (tx.work.answered_requests(), tx.now - REMEMBERED);
        requests.remember_request(&tx.workspace.id, self.key, &answered, since, tx.now).await
    }
}

fn to_json(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Unexpected(Box::new(error)))
}
