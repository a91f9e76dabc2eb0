use billing_domain::ports::{GatewayError, OpenedPage, PrivateAddress, SentCall, StoreError};
use billing_domain::{Actor, CallOutcome, CallPurpose, GatewayCall, GatewayCheckoutSession, StripeId};

use super::record::RecordCall;
use crate::change::Executor;

/// The known outcome of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Driven {
    /// Carried out on this object.
    Done(StripeId),
    /// Refused for this reason.
    Refused(String),
}

impl Driven {
    /// The outcome, if it is known.
    pub(super) fn of(outcome: &CallOutcome) -> Option<Self> {
        match outcome {
            CallOutcome::Unresolved => None,
            CallOutcome::Done(object) => Some(Self::Done(object.clone())),
            CallOutcome::Refused(reason) => Some(Self::Refused(reason.clone())),
        }
    }
}

impl From<Driven> for CallOutcome {
    fn from(driven: Driven) -> Self {
        match driven {
            Driven::Done(object) => Self::Done(object),
            Driven::Refused(reason) => Self::Refused(reason),
        }
    }
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
struct CallReply {
    outcome: Driven,
    /// The object that it refers to and Stripe does not have any more.
    missing: Option<StripeId>,
    /// Whether the call was not carried out while its key was remembered. It is not sent again.
    is_given_up: bool,
}

/// The reason of a call that was given up.
const NEVER_CARRIED_OUT: &str = "Stripe did not carry it out in time.";

impl CallReply {
    fn given_up() -> Self {
        let outcome = Driven::Refused(NEVER_CARRIED_OUT.to_owned());
        Self { outcome, missing: None, is_given_up: true }
    }
}

impl From<Driven> for CallReply {
    fn from(outcome: Driven) -> Self {
        Self { outcome, missing: None, is_given_up: false }
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
        let CallReply { outcome, missing, is_given_up } = match Driven::of(&call.outcome) {
            None => self.reply(call, important).await?,
            Some(known) => known.into(),
        };
        let session = self.session_after(call, &outcome).await?;
        let record = RecordCall { call_id: call.id, outcome, session, missing, is_given_up };
        let recorded = self.change_as(&call.workspace_id, actor, &record).await;
        Ok(recorded.map_err(StoreError::from)?)
    }

    /// Sends a call that makes a page, records its outcome, and gives the address of the page. May be repeated, also for a
    /// call that was carried out.
    ///
    /// # Errors
    /// [`CallError`].
    pub(crate) async fn open_page(
        &self,
        actor: &Actor,
        call: &GatewayCall,
    ) -> Result<Result<PrivateAddress, String>, CallError> {
        let (outcome, opened) = match self.ports.gateway.open_page(call).await? {
            OpenedPage::Open { id, address } => (Driven::Done(id), Ok(address)),
            OpenedPage::Refused(reason) => (Driven::Refused(reason.clone()), Err(reason)),
        };
        if call.is_unresolved() {
            let call_id = call.id;
            let record = RecordCall { call_id, outcome, session: None, missing: None, is_given_up: false };
            self.change_as(&call.workspace_id, actor, &record).await.map_err(StoreError::from)?;
        }
        Ok(opened)
    }

    async fn reply(&self, call: &GatewayCall, important: bool) -> Result<CallReply, GatewayError> {
        let gateway = &self.ports.gateway;
        let now = self.ports.clock.now();
        if call.may_be_sent(now) {
            match gateway.send(call, important).await? {
                SentCall::Done(object) => return Ok(Driven::Done(object).into()),
                // The key may have been forgotten while the call was on its way: then it was refused as a new one.
                SentCall::Refused { reason, missing } if call.may_be_sent(self.ports.clock.now()) => {
                    let outcome = Driven::Refused(reason);
                    return Ok(CallReply { outcome, missing, is_given_up: false });
                }
                SentCall::Refused { .. } => {}
            }
        }
        let object = gateway.object_of(call).await?;
        match object {
            Some(object) => Ok(Driven::Done(object).into()),
            None if call.has_arrived(now) => Ok(CallReply::given_up()),
            None => Err(GatewayError::Unknown("an attempt may still be on its way".into())),
        }
    }

    /// The present state of the session that a call made or ended. Stripe repeats the answer of then to a repeated
    /// call, and refuses to expire a session that is paid: only a fetch says how it is.
    async fn session_after(
        &self,
        call: &GatewayCall,
        outcome: &Driven,
    ) -> Result<Option<GatewayCheckoutSession>, CallError> {
        let session = match (&call.purpose, outcome) {
            (CallPurpose::CreateCheckoutSession { .. }, Driven::Done(session)) => session.clone(),
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
