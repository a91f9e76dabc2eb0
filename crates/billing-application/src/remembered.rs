use billing_domain::RequestKey;
use billing_domain::ports::{AnsweredRequest, StoreError};
use chrono::TimeDelta;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::change::Tx;
use crate::refusal::{Refusal, Refused};

/// How long an answer is stored under the idempotency key of its request (contract, section 3).
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

/// A request under an idempotency key. Its answer is stored in the transaction of the change itself, behind the lock of
/// the workspace.
pub(crate) struct RememberedRequest<'a> {
    key: &'a RequestKey,
    /// The name of the use case and the request itself, as JSON: two requests are the same when these are.
    fingerprint: String,
}

impl<'a> RememberedRequest<'a> {
    pub(crate) fn new(
        name: &'static str,
        request: &impl Serialize,
        key: &'a RequestKey,
    ) -> Result<Self, StoreError> {
        Ok(Self { key, fingerprint: to_json(&(name, request))? })
    }

    /// The stored answer, if the request was answered under this key.
    pub(crate) async fn earlier_answer<T: DeserializeOwned, E: Refusal>(
        &self,
        tx: &mut Tx,
    ) -> Result<Option<T>, Refused<E>> {
        let requests = tx.work.answered_requests();
        let answered = requests.answered_request(&tx.workspace.id, self.key, tx.now - REMEMBERED).await?;
        match answered {
            None => Ok(None),
            Some(answered) if answered.request != self.fingerprint => Err(RequestKeyReused.into()),
            Some(answered) => match serde_json::from_str(&answered.outcome) {
                Ok(answer) => Ok(Some(answer)),
                Err(error) => Err(StoreError::Unexpected(Box::new(error)).into()),
            },
        }
    }

    /// Stores the answer.
    pub(crate) async fn remember(self, tx: &mut Tx, answer: &impl Serialize) -> Result<(), StoreError> {
        let answered = AnsweredRequest { request: self.fingerprint, outcome: to_json(answer)? };
        let (requests, since) = (tx.work.answered_requests(), tx.now - REMEMBERED);
        requests.remember_request(&tx.workspace.id, self.key, &answered, since, tx.now).await
    }
}

fn to_json(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Unexpected(Box::new(error)))
}
