use billing_domain::ports::{AnsweredRequest, StoreError, UnitOfWork};
use billing_domain::{RequestKey, Timestamp, WorkspaceId};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// For how many hours a request that is repeated under its key gets its first answer.
const REMEMBERED_HOURS: i64 = 24;

/// The key was used for something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "This idempotency key was used for another request in the last 24 hours. Use a new key for a new request."
)]
pub struct RequestKeyReused;

impl RequestKeyReused {
    /// The same as said to somebody who sent a form, which has a new key by now.
    pub const OF_A_FORM: &'static str =
        "This form was sent before, with other values. Send it again to add another one.";
}

/// Why it is not known whether a request was answered before.
pub(crate) enum OnceError {
    KeyReused(RequestKeyReused),
    Store(StoreError),
}

/// A request that is done once however often it is sent under the same key.
///
/// What was answered is remembered in the transaction of the change itself, behind the lock of the workspace: a
/// repeat that comes while the first is at work waits for it and gets its answer. Refusals are not remembered, since
/// they change nothing.
pub(crate) struct Once<'a> {
    workspace: &'a WorkspaceId,
    key: Option<&'a RequestKey>,
    request: String,
    now: Timestamp,
}

impl<'a> Once<'a> {
    /// A request by what it asks for, in a workspace that is locked.
    pub(crate) fn new(
        workspace: &'a WorkspaceId,
        key: Option<&'a RequestKey>,
        now: Timestamp,
        operation: &'static str,
        asked: &impl Serialize,
    ) -> Result<Self, StoreError> {
        Ok(Self { workspace, key, request: to_json(&(operation, asked))?, now })
    }

    /// What was answered under this key before.
    pub(crate) async fn earlier_answer<T: DeserializeOwned>(
        &self,
        work: &mut dyn UnitOfWork,
    ) -> Result<Option<T>, OnceError> {
        let Some(key) = self.key else { return Ok(None) };
        let answered =
            work.answered_request(self.workspace, key, self.since()).await.map_err(OnceError::Store)?;
        match answered {
            None => Ok(None),
            Some(answered) if answered.request != self.request => Err(OnceError::KeyReused(RequestKeyReused)),
            Some(answered) => serde_json::from_str(&answered.outcome)
                .map(Some)
                .map_err(|error| OnceError::Store(StoreError::Unexpected(Box::new(error)))),
        }
    }

    /// Remembers the answer.
    pub(crate) async fn remember(
        self,
        work: &mut dyn UnitOfWork,
        answer: &impl Serialize,
    ) -> Result<(), StoreError> {
        let Some(key) = self.key else { return Ok(()) };
        let since = self.since();
        let answered = AnsweredRequest { request: self.request, outcome: to_json(answer)? };
        work.remember_request(self.workspace, key, &answered, since, self.now).await
    }

    fn since(&self) -> Timestamp {
        // In seconds, so that no type of the time library is needed here.
        Timestamp::from_timestamp(self.now.timestamp() - REMEMBERED_HOURS * 3600, 0).unwrap_or(self.now)
    }
}

fn to_json(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Unexpected(Box::new(error)))
}

#[cfg(test)]
mod tests;
