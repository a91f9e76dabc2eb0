use billing_domain::ports::{GatewayError, SentCall, StoreError};
use billing_domain::{Actor, CallOutcome, CallPurpose, GatewayCall, GatewayCheckoutSession, StripeId};

use super::record::RecordCall;
use crate::change::Executor;

/// A call whose outcome is known and recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Driven {
    /// Carried out on this object.
    Done(StripeId),
    /// Refused for this reason.
    Refused(String),
}

/// A call whose outcome is not known, or not recorded. It stays unresolved, and the worker drives it on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Stripe's reply to a call.
struct Told {
    outcome: CallOutcome,
    /// The object that it refers to and Stripe does not have any more.
    missing: Option<StripeId>,
}

impl From<CallOutcome> for Told {
    fn from(outcome: CallOutcome) -> Self {
        Self { outcome, missing: None }
    }
}

impl Executor {
    /// Sends an unresolved call and records its outcome. May be repeated, and by several at once.
    ///
    /// `important` is for a call for which a person waits.
    ///
    /// # Errors
    /// [`CallError`].
    pub(crate) async fn drive(
        &self,
        actor: &Actor,
        call: &GatewayCall,
        important: bool,
    ) -> Result<Driven, CallError> {
        let Told { outcome, missing } = match &call.outcome {
            CallOutcome::Unresolved => self.told(call, important).await?,
            known => known.clone().into(),
        };
        let session = self.session_after(call, &outcome).await?;
        let record = RecordCall { call_id: call.id, outcome, session, missing };
        let recorded = self.change_as(&call.workspace_id, actor, &record).await.map_err(StoreError::from)?;
        Ok(match recorded {
            CallOutcome::Done(object) => Driven::Done(object),
            CallOutcome::Refused(reason) => Driven::Refused(reason),
            CallOutcome::Unresolved => Driven::Refused(String::new()),
        })
    }

    async fn told(&self, call: &GatewayCall, important: bool) -> Result<Told, GatewayError> {
        let gateway = &self.ports.gateway;
        if call.may_be_sent(self.ports.clock.now()) {
            match gateway.send(call, important).await? {
                SentCall::Done(object) => return Ok(CallOutcome::Done(object).into()),
                // The key may have been forgotten while the call was on its way: then it was refused as a new one.
                SentCall::Refused { reason, missing } if call.may_be_sent(self.ports.clock.now()) => {
                    return Ok(Told { outcome: CallOutcome::Refused(reason), missing });
                }
                SentCall::Refused { .. } => {}
            }
        }
        let object = gateway.object_of(call).await?;
        Ok(object.map_or_else(CallOutcome::given_up, CallOutcome::Done).into())
    }

    /// The present state of the session that a call made or ended. Stripe repeats the answer of then to a repeated
    /// call, and refuses to expire a session that is paid: only a fetch says how it is.
    async fn session_after(
        &self,
        call: &GatewayCall,
        outcome: &CallOutcome,
    ) -> Result<Option<GatewayCheckoutSession>, CallError> {
        let session = match (&call.purpose, outcome) {
            (CallPurpose::CreateCheckoutSession { .. }, CallOutcome::Done(session)) => session.clone(),
            (CallPurpose::ExpireCheckoutSession { intent_id }, _) => {
                let intents = self.ports.store.checkout_intents();
                let intent = intents.checkout_intent(&call.workspace_id, *intent_id).await?;
                match intent.and_then(|intent| intent.session) {
                    Some(session) => session.id,
                    None => return Ok(None),
                }
            }
            _ => return Ok(None),
        };
        Ok(self.ports.gateway.checkout_session(&call.account, &session).await?)
    }
}
