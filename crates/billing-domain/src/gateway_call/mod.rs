mod command;
mod purpose;

pub use command::{GatewayCommand, NewCheckoutSession};
pub use purpose::CallPurpose;

use serde::{Deserialize, Serialize};

use crate::{
    GatewayAccountId, GatewayCallId, IdempotencyKey, InvoiceAction, StripeId, Timestamp, WorkspaceId,
};

/// The durable record of one call that changes something at Stripe, written before the call is sent (architecture,
/// "Changes that reach out": prepare, call, record).
///
/// The request is frozen: whoever sends the call, and however often, sends the same bytes under the same key, so that
/// Stripe makes at most one object of it (invariant I6). A call that makes none gets another key when Stripe has stored a failure under the one
/// before ([`GatewayCalls::send`](crate::ports::GatewayCalls::send)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewayCall {
    /// Our id. Everything the call creates carries it as metadata `kl_call_id`.
    pub id: GatewayCallId,
    /// The tenant.
    pub workspace_id: WorkspaceId,
    /// The Stripe account the call goes to.
    pub account: GatewayAccountId,
    /// The idempotency key of every attempt.
    pub key: IdempotencyKey,
    /// The reason for the call, and what follows from its answer.
    pub purpose: CallPurpose,
    /// The frozen request.
    pub request: FrozenRequest,
    /// The known outcome.
    pub outcome: CallOutcome,
    /// The moment of preparation. After [`RESENT_FOR`](Self::RESENT_FOR) the call is not sent again.
    pub prepared_at: Timestamp,
}

/// A request as it goes over the wire, less its credentials and its key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenRequest {
    /// The method.
    pub method: RequestMethod,
    /// The path below the API's base, such as `/v1/customers`.
    pub path: String,
    /// The form-encoded body.
    pub body: String,
}

/// The method of a request that changes something at Stripe.
///
/// Stripe keeps idempotency keys of `POST` only. A repeated `DELETE` is refused once its object has ended, so the
/// gateway then looks at the object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestMethod {
    /// `POST`.
    Post,
    /// `DELETE`.
    Delete,
}

words!(RequestMethod { Post => "post", Delete => "delete" }, stored);

/// The known outcome of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallOutcome {
    /// Not known: not sent yet, or the answer was lost. It may have been carried out.
    Unresolved,
    /// Carried out, with the id of the object that was made or changed.
    Done(StripeId),
    /// Refused by Stripe for this reason: nothing was made or changed. Final.
    Refused(String),
}

impl GatewayCall {
    /// The time for which an unresolved call is sent again under its key. Stripe forgets a key after 24 hours; an
    /// older call is settled by listing (contract, section 5, I6).
    pub const RESENT_FOR: chrono::TimeDelta = chrono::TimeDelta::hours(23);
    /// The same for a call that makes a Checkout Session: after the session's absolute expiry Stripe refuses to make it.
    pub const SESSION_RESENT_FOR: chrono::TimeDelta = chrono::TimeDelta::minutes(90);
    /// The same for a call that makes a customer, product or price. Stripe repeats a stored failure under the key for a
    /// day; a second object charges nobody, and is better than no sale for as long.
    pub const UNCHARGED_RESENT_FOR: chrono::TimeDelta = chrono::TimeDelta::minutes(10);
    /// The same for a session of the customer portal, for which a person waits. Stripe does not list them, and another one
    /// charges nobody.
    pub const PORTAL_RESENT_FOR: chrono::TimeDelta = chrono::TimeDelta::minutes(2);
    /// The same for a change that may charge. It keeps its key, of which Stripe repeats a stored failure for a day, and is
    /// settled by reading instead, so that it is no longer in the way of a cancellation.
    pub const CHARGING_RESENT_FOR: chrono::TimeDelta = chrono::TimeDelta::minutes(10);
    /// The same for a change of plan, which charges the payer. It has one key, and whether it was carried out is seen at the
    /// subscription. While its outcome is not known, no other change of the subscription is made.
    pub const CHANGE_OF_PLAN_RESENT_FOR: chrono::TimeDelta = chrono::TimeDelta::minutes(2);

    /// The time within which an attempt reaches Stripe, if it ever does.
    const ON_ITS_WAY_FOR: chrono::TimeDelta = chrono::TimeDelta::minutes(35);

    /// Whether the call may be sent at `now` under its key.
    #[must_use]
    pub fn may_be_sent(&self, now: Timestamp) -> bool {
        now < self.sent_until()
    }

    /// Whether no attempt can be on its way any more at `now`: what Stripe does not have then, it will not have.
    #[must_use]
    pub fn has_arrived(&self, now: Timestamp) -> bool {
        match self.purpose {
            // Its absolute expiry has passed, and whatever arrives is refused; or it makes a link that nobody has.
            CallPurpose::CreateCheckoutSession { .. } | CallPurpose::CreatePortalSession { .. } => {
                self.sent_until() <= now
            }
            _ => self.sent_until() + Self::ON_ITS_WAY_FOR <= now,
        }
    }

    fn sent_until(&self) -> Timestamp {
        let resent_for = match self.purpose {
            CallPurpose::CreateCheckoutSession { .. } => Self::SESSION_RESENT_FOR,
            CallPurpose::CreateCustomer { .. }
            | CallPurpose::CreateProduct { .. }
            | CallPurpose::CreatePrice { .. }
            // Under another key it would be sent to the payer again.
            | CallPurpose::ActOnInvoice { action: InvoiceAction::Send, .. } => Self::UNCHARGED_RESENT_FOR,
            CallPurpose::SetTrialEnd { .. } => Self::CHARGING_RESENT_FOR,
            CallPurpose::CreatePortalSession { .. } => Self::PORTAL_RESENT_FOR,
            CallPurpose::ChangePlan { .. } => Self::CHANGE_OF_PLAN_RESENT_FOR,
            CallPurpose::UpdateProduct { .. }
            | CallPurpose::ArchivePrice { .. }
            | CallPurpose::ExpireCheckoutSession { .. }
            | CallPurpose::CancelSubscription { .. }
            | CallPurpose::ResumeSubscription { .. }
            | CallPurpose::CancelDuplicate { .. }
            | CallPurpose::RefundDuplicate { .. }
            | CallPurpose::RefundInvoice { .. }
            | CallPurpose::ActOnInvoice { .. } => Self::RESENT_FOR,
        };
        self.prepared_at + resent_for
    }

    /// Whether the outcome is unknown.
    #[must_use]
    pub fn is_unresolved(&self) -> bool {
        self.outcome == CallOutcome::Unresolved
    }
}
