use super::{Action, Guard, State, Without};
use crate::prelude::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Session {
    None,
    Open,
    Complete,
    Expired,
}

/// A checkout: our intent, and what there is of it at Stripe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Checkout {
    /// `None` before it is prepared.
    pub(super) intent: Option<CheckoutIntentState>,
    pub(super) session: Session,
    /// Stripe charges for a subscription of it.
    pub(super) is_charged: bool,
    /// Our mirror has a live subscription of it.
    pub(super) is_mirrored: bool,
    /// Its key is forgotten, and its expiry has passed.
    pub(super) is_old: bool,
}

pub(super) const NEW: Checkout =
    Checkout { intent: None, session: Session::None, is_charged: false, is_mirrored: false, is_old: false };

impl Checkout {
    pub(super) fn is_unclosed(self) -> bool {
        self.intent.is_some_and(|intent| !intent.is_closed())
    }

    pub(super) fn is_chargeable(self) -> bool {
        self.session == Session::Open || self.is_charged
    }

    /// `GatewayCalls::send` of the create under its key: at most one session, and none from a day on.
    pub(super) fn send(&mut self, without: Without) {
        if self.session == Session::None && (!self.is_old || without == Without::TheFrozenExpiry) {
            self.session = Session::Open;
        }
    }

    /// `RecordCall` with the session as it is fetched.
    pub(super) fn record(&mut self) {
        let Some(intent) = self.intent else { return };
        let next = match self.session {
            Session::None if intent == CheckoutIntentState::Unresolved => Some(CheckoutIntentState::Refused),
            Session::None => None,
            Session::Open => intent.follow(SessionStatus::Open),
            Session::Complete => intent.follow(SessionStatus::Complete),
            Session::Expired => intent.follow(SessionStatus::Expired),
        };
        self.intent = next.or(self.intent);
    }

    /// `FollowSubscription`: the subscription is mirrored, and closes the intent, in one transaction.
    pub(super) fn follow_sale(&mut self) {
        if self.session == Session::Complete {
            self.is_mirrored = self.is_charged;
            self.intent = Some(CheckoutIntentState::Synced);
        }
    }
}

impl Guard {
    /// What happens to a checkout outside of a closing.
    pub(super) fn checkout(&self, state: &mut State, action: &Action) -> Option<()> {
        let admitted = state.switch.admit_checkout().is_ok() || self.without == Without::TheCheckAtCheckout;
        match *action {
            Action::PrepareCheckout(number) => {
                let checkout = &mut state.checkouts[number];
                (admitted && checkout.intent.is_none()).then_some(())?;
                checkout.intent = Some(CheckoutIntentState::Unresolved);
            }
            Action::CreateArrives(number) => {
                let checkout = &mut state.checkouts[number];
                checkout.intent?;
                checkout.send(self.without);
            }
            Action::Pay(number) => {
                let checkout = &mut state.checkouts[number];
                (checkout.session == Session::Open && !checkout.is_old).then_some(())?;
                (checkout.session, checkout.is_charged) = (Session::Complete, true);
            }
            Action::EndSubscription(number) => state.checkouts[number].is_charged = false,
            Action::SyncObject(number) => {
                let checkout = &mut state.checkouts[number];
                checkout.intent?;
                if checkout.session != Session::None {
                    checkout.record();
                }
                checkout.follow_sale();
            }
            Action::ADayPasses(number) => {
                let checkout = &mut state.checkouts[number];
                checkout.intent?;
                checkout.is_old = true;
                if checkout.session == Session::Open {
                    checkout.session = Session::Expired;
                }
            }
            _ => return None,
        }
        Some(())
    }
}
