use std::fmt;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::{AppId, CheckoutIntentId, EnvironmentId, Gateway, IdempotencyKey, Payer, Timestamp, WorkspaceId};

/// Our durable record that a Checkout Session may exist, written before Stripe is called (contract,
/// section 5, I1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckoutIntent {
    /// Our id.
    pub id: CheckoutIntentId,
    /// The tenant that sells.
    pub workspace_id: WorkspaceId,
    /// The app whose plan is being bought.
    pub app_id: AppId,
    /// The environment the payer lives in.
    pub environment_id: EnvironmentId,
    /// Who is buying.
    pub payer: Payer,
    /// The gateway that was in use when the intent was written.
    pub gateway: Gateway,
    /// The key every try of the create is sent under.
    pub idempotency_key: IdempotencyKey,
    /// What is known of the session.
    pub state: CheckoutIntentState,
    /// When the session expires. Frozen as a moment, not a duration, so that a create that reaches Stripe
    /// late is refused instead of opening a session nobody expects.
    pub expires_at: Timestamp,
    /// When the intent was written.
    pub created_at: Timestamp,
}

impl CheckoutIntent {
    /// How long a Checkout Session stays open. Stripe takes 30 minutes to 24 hours from when the create
    /// reaches it; what is above 30 minutes is the time a create has to arrive.
    pub const LIFETIME: TimeDelta = TimeDelta::hours(1);
}

/// What we know of the Checkout Session an intent stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckoutIntentState {
    /// Stripe was not asked yet, or its answer was lost: the session may exist.
    Unresolved,
    /// The session is open: the payer can still pay.
    Open,
    /// The payer has paid and the subscription is not mirrored yet.
    Complete,
    /// The payer has paid and the subscription is mirrored, so that it speaks for itself.
    Synced,
    /// The session can no longer be paid.
    Expired,
    /// Stripe definitely refused to create a session.
    Refused,
}

impl CheckoutIntentState {
    /// Every state.
    pub const ALL: [Self; 6] =
        [Self::Unresolved, Self::Open, Self::Complete, Self::Synced, Self::Expired, Self::Refused];

    /// Whether nothing can be charged through the intent any more. A complete session is a sale that is
    /// yet to be mirrored, not a closed intent.
    #[must_use]
    pub fn is_closed(self) -> bool {
        match self {
            Self::Synced | Self::Expired | Self::Refused => true,
            Self::Unresolved | Self::Open | Self::Complete => false,
        }
    }

    /// The state after Stripe said so; saying the same again is fine.
    ///
    /// # Errors
    /// [`IllegalIntentTransition`] when a session cannot get from the one state to the other.
    pub fn advance(self, to: Self) -> Result<Self, IllegalIntentTransition> {
        let possible = match self {
            Self::Unresolved => !matches!(to, Self::Synced),
            Self::Open => matches!(to, Self::Complete | Self::Expired),
            Self::Complete => matches!(to, Self::Synced),
            Self::Synced | Self::Expired | Self::Refused => false,
        };
        if possible || to == self { Ok(to) } else { Err(IllegalIntentTransition { from: self, to }) }
    }

    /// The name in the database and on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unresolved => "unresolved",
            Self::Open => "open",
            Self::Complete => "complete",
            Self::Synced => "synced",
            Self::Expired => "expired",
            Self::Refused => "refused",
        }
    }

    /// Reads [`as_str`](Self::as_str) back; `None` for anything else.
    #[must_use]
    pub fn from_stored(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

impl fmt::Display for CheckoutIntentState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A Checkout Session cannot get from the one state to the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a checkout intent cannot go from {from} to {to}")]
pub struct IllegalIntentTransition {
    /// Where it is.
    pub from: CheckoutIntentState,
    /// Where it was to go.
    pub to: CheckoutIntentState,
}

#[cfg(test)]
mod tests {
    use super::CheckoutIntentState::{self, Complete, Expired, Open, Refused, Synced, Unresolved};
    use super::*;

    #[test]
    fn only_a_session_that_can_no_longer_be_paid_closes_an_intent() {
        let closed: Vec<_> = CheckoutIntentState::ALL.into_iter().filter(|state| state.is_closed()).collect();
        assert_eq!(closed, [Synced, Expired, Refused]);
    }

    #[test]
    fn an_intent_moves_only_as_a_checkout_session_does() {
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
    fn a_state_reads_back_from_its_name() {
        for state in CheckoutIntentState::ALL {
            assert_eq!(CheckoutIntentState::from_stored(state.as_str()), Some(state));
            assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
        }
        assert_eq!(CheckoutIntentState::from_stored("OPEN"), None);
    }
}
