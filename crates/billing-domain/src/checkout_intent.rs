use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::{
    AppId, CheckoutIntentId, EnvironmentId, GatewayAccountId, GatewayCallId, GatewayCheckoutSession, Payer,
    PlanId, PriceId, SessionStatus, StripeId, Timestamp, WorkspaceId, wire_time,
};

/// The durable record that a Checkout Session may exist, written before Stripe is called (contract, section 5, I1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CheckoutIntent {
    /// Our id.
    pub id: CheckoutIntentId,
    /// The selling tenant.
    pub workspace_id: WorkspaceId,
    /// The app that sells the plan.
    pub app_id: AppId,
    /// The payer's environment.
    pub environment_id: EnvironmentId,
    /// The buyer.
    pub payer: Payer,
    /// The Stripe account that sells. Never changes.
    pub account: GatewayAccountId,
    /// The goods.
    #[serde(flatten)]
    pub sale: CheckoutSale,
    /// The call that creates the session. Its frozen request is sent under one key, whoever sends it.
    pub call_id: GatewayCallId,
    /// The session, once its creation is known.
    #[serde(skip)]
    pub session: Option<OpenedSession>,
    /// The known state of the session.
    pub state: CheckoutIntentState,
    /// The expiry of the session. A moment, not a duration: Stripe refuses a create request that arrives late instead
    /// of opening an unexpected session.
    #[serde(with = "wire_time")]
    pub expires_at: Timestamp,
    /// The moment of creation.
    #[serde(with = "wire_time")]
    pub created_at: Timestamp,
}

/// The goods of a checkout, as they were offered when it began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CheckoutSale {
    /// The plan.
    pub plan_id: PlanId,
    /// The price.
    pub price_id: PriceId,
    /// The number of seats, at least 1.
    pub quantity: u32,
    /// The days of trial; 0 for none.
    pub trial_days: u32,
}

/// A Checkout Session that Stripe has made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenedSession {
    /// Stripe's id.
    pub id: StripeId,
    /// The page at which the payer pays.
    pub url: String,
}

impl CheckoutIntent {
    /// The lifetime of a Checkout Session. Stripe allows 30 minutes to 24 hours from the arrival of the create
    /// request; the time above 30 minutes is for its retries.
    pub const LIFETIME: TimeDelta = TimeDelta::hours(1);

    /// Whether the session is the intent's: the known one, or else the one that the intent's call made. That its metadata
    /// names the intent is no proof, since a merchant can write it.
    #[must_use]
    pub fn is_sold_by(&self, session: &GatewayCheckoutSession) -> bool {
        match &self.session {
            Some(known) => known.id == session.id,
            None => session.call_id == Some(self.call_id),
        }
    }
}

/// The known state of the Checkout Session of an intent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckoutIntentState {
    /// Unknown: Stripe was not called yet, or its response was lost.
    Unresolved,
    /// Open for payment.
    Open,
    /// Paid; the subscription is not mirrored yet.
    Complete,
    /// Paid; the subscription is mirrored and is a blocker of its own.
    Synced,
    /// Expired without payment.
    Expired,
    /// Stripe refused to create the session. Final.
    Refused,
}

words!(CheckoutIntentState {
    Unresolved => "unresolved",
    Open => "open",
    Complete => "complete",
    Synced => "synced",
    Expired => "expired",
    Refused => "refused",
});

impl CheckoutIntentState {
    /// Whether the intent can no longer lead to a charge. A complete session is not closed: its subscription is not
    /// mirrored yet.
    #[must_use]
    pub fn is_closed(self) -> bool {
        match self {
            Self::Synced | Self::Expired | Self::Refused => true,
            Self::Unresolved | Self::Open | Self::Complete => false,
        }
    }

    /// The state after a report of Stripe. A repeated report is allowed.
    ///
    /// # Errors
    /// [`IllegalIntentTransition`] for a transition that a session cannot make.
    pub fn advance(self, to: Self) -> Result<Self, IllegalIntentTransition> {
        let possible = match self {
            Self::Unresolved => !matches!(to, Self::Synced),
            Self::Open => matches!(to, Self::Complete | Self::Expired),
            Self::Complete => matches!(to, Self::Synced),
            Self::Synced | Self::Expired | Self::Refused => false,
        };
        if possible || to == self { Ok(to) } else { Err(IllegalIntentTransition { from: self, to }) }
    }

    /// The state after the session was seen in this status; `None` if that is nothing new. A session never opens again,
    /// so an old sight of it changes nothing.
    #[must_use]
    pub fn follow(self, session: SessionStatus) -> Option<Self> {
        let seen = match session {
            SessionStatus::Open => Self::Open,
            SessionStatus::Complete => Self::Complete,
            SessionStatus::Expired => Self::Expired,
            SessionStatus::Unrecognized => return None,
        };
        self.advance(seen).ok().filter(|next| *next != self)
    }

    /// Parses [`as_str`](Self::as_str); `None` for anything else.
    #[must_use]
    pub fn from_stored(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// A transition that a Checkout Session cannot make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a checkout intent cannot go from {from} to {to}")]
pub struct IllegalIntentTransition {
    /// The present state.
    pub from: CheckoutIntentState,
    /// The refused state.
    pub to: CheckoutIntentState,
}

#[cfg(test)]
mod tests {
    use super::CheckoutIntentState::{self, Complete, Expired, Open, Refused, Synced, Unresolved};
    use super::*;

    #[test]
    fn an_intent_is_closed_once_it_cannot_lead_to_a_charge() {
        let closed: Vec<_> = CheckoutIntentState::ALL.into_iter().filter(|state| state.is_closed()).collect();
        assert_eq!(closed, [Synced, Expired, Refused]);
    }

    #[test]
    fn an_impossible_transition_of_an_intent_is_refused() {
        let legal = [
            (Unresolved, Open),
            (Unresolved, Complete),
            (Unresolved, Expired),
            (Unresolved, Refused),
            (Open, Complete),
            (Open, Expired),
            (Complete, Synced),
        ];
        for from in CheckoutIntentState::ALL {
            for to in CheckoutIntentState::ALL {
                let expected = if from == to || legal.contains(&(from, to)) {
                    Ok(to)
                } else {
                    Err(IllegalIntentTransition { from, to })
                };
                assert_eq!(from.advance(to), expected);
            }
        }
    }

    #[test]
    fn an_intent_follows_its_session_forwards_only() {
        assert_eq!(Unresolved.follow(SessionStatus::Open), Some(Open));
        assert_eq!(Unresolved.follow(SessionStatus::Expired), Some(Expired));
        assert_eq!(Open.follow(SessionStatus::Complete), Some(Complete));
        assert_eq!(Open.follow(SessionStatus::Unrecognized), None);
        for state in [Open, Complete, Synced, Expired, Refused] {
            assert_eq!(state.follow(SessionStatus::Open), None);
        }
        for state in [Complete, Synced] {
            assert_eq!(state.follow(SessionStatus::Expired), None, "{state} is a sale");
        }
    }

    #[test]
    fn a_state_round_trips_through_its_name() {
        for state in CheckoutIntentState::ALL {
            assert_eq!(CheckoutIntentState::from_stored(state.as_str()), Some(state));
            assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
        }
        assert_eq!(CheckoutIntentState::from_stored("OPEN"), None);
    }
}
