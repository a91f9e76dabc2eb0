use super::checkout::{Checkout, Session};
use super::{ByHand, CHECKOUTS, Guard, RECOVERY, State, Without};
use crate::prelude::*;

/// The next step of a caller that has begun or joined a closing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Step {
    SettleCall(usize),
    EndSession(usize),
    List,
    /// With the subscriptions that Stripe listed as live.
    SyncMissing {
        found: bool,
        listed: [bool; CHECKOUTS],
    },
    Finish {
        found: bool,
    },
}

fn blockers(number: usize) -> Blockers {
    let blocker = Blocker::WorkspaceSubscription {
        id: StripeSubscriptionId::parse("sub_1").unwrap(),
        status: SubscriptionStatus::Active,
    };
    Blockers::new(vec![blocker; number], number as u64)
}

impl State {
    pub(super) fn first_step(&self) -> Option<(u32, Step)> {
        self.is_closing().then_some((self.version, Step::SettleCall(0)))
    }
}

impl Guard {
    /// One step of `Executor::guard`, or `FinishClosing`.
    pub(super) fn go(&self, state: &mut State, caller: usize) {
        let Some((version, step)) = state.callers[caller] else { return };
        let next = match step {
            Step::SettleCall(number) => {
                self.settle_call(&mut state.checkouts[number]);
                if number + 1 < CHECKOUTS { Step::SettleCall(number + 1) } else { Step::EndSession(0) }
            }
            Step::EndSession(number) => {
                self.end_session(&mut state.checkouts[number]);
                if number + 1 < CHECKOUTS { Step::EndSession(number + 1) } else { Step::List }
            }
            Step::List => {
                let found =
                    state.by_hand != ByHand::None || state.checkouts.iter().any(|it| it.is_chargeable());
                let listed = state.checkouts.map(|checkout| checkout.is_charged);
                Step::SyncMissing { found: found && self.without != Without::ListingAtStripe, listed }
            }
            Step::SyncMissing { found, listed } => {
                for (checkout, is_listed) in state.checkouts.iter_mut().zip(listed) {
                    if !is_listed && self.without != Without::FetchingMissing {
                        checkout.is_mirrored &= checkout.is_charged;
                    }
                }
                Step::Finish { found }
            }
            Step::Finish { found } => {
                state.callers[caller] = None;
                return self.finish(state, version, found);
            }
        };
        state.callers[caller] = Some((version, next));
    }

    fn settle_call(&self, checkout: &mut Checkout) {
        let is_unresolved = checkout.intent == Some(CheckoutIntentState::Unresolved);
        if is_unresolved && self.without != Without::SettlingCalls {
            // From a day on it is looked for by a list, and not sent.
            if !checkout.is_old {
                checkout.send(self.without);
            }
            checkout.record();
        }
    }

    fn end_session(&self, checkout: &mut Checkout) {
        if checkout.intent == Some(CheckoutIntentState::Open) && self.without != Without::EndingSessions {
            if checkout.session == Session::Open {
                checkout.session = Session::Expired;
            }
            checkout.record();
        }
        let is_sold = checkout.intent == Some(CheckoutIntentState::Complete);
        if is_sold && self.without != Without::FetchingSales {
            checkout.follow_sale();
        }
    }

    fn finish(&self, state: &mut State, version: u32, found: bool) {
        let ours = state.checkouts.iter().filter(|checkout| checkout.is_unclosed() || checkout.is_mirrored);
        let known = ours.count() + usize::from(found);
        let known = if self.without == Without::TheCheckOfBlockers { 0 } else { known };
        if version != state.version && self.without != Without::TheVersionCheck {
            return;
        }
        if let Some(change) = state.switch.finish_closing(&blockers(known)) {
            let goes_off = !change.after.is_on();
            state.decided_on_an_old_answer |= goes_off && version != state.version;
            state.refused |= !goes_off;
            state.change_to(change.after);
        }
    }

    /// `AbortClosing`, when Stripe does not answer the caller. Recovery asks again instead.
    pub(super) fn abort(&self, state: &mut State) -> Option<()> {
        let (version, step) = state.callers[0]?;
        if matches!(step, Step::Finish { .. }) {
            return None;
        }
        if self.without == Without::AbortingClosings {
            state.callers[0] = Some((version, Step::Finish { found: false }));
            return Some(());
        }
        state.callers[0] = None;
        if let Some(change) = state.switch.abort_closing().filter(|_| version == state.version) {
            state.change_to(change.after);
        }
        Some(())
    }

    /// `FollowSubscription` of a subscription that is not ours: `interrupt_closing` or `reopen`.
    pub(super) fn sync_by_hand(&self, state: &mut State) {
        if state.by_hand == ByHand::None {
            return;
        }
        state.by_hand = ByHand::Seen;
        if let Some(change) =
            state.switch.abort_closing().filter(|_| self.without != Without::InterruptingClosings)
        {
            state.change_to(change.after);
        }
        let reopened = state.switch.reopen(Gateway::Managed, super::any_moment());
        if let Some(change) = reopened.filter(|_| self.without != Without::Reopening) {
            state.reopened = true;
            state.change_to(change.after);
        }
    }

    /// The state after recovery went through alone.
    pub(super) fn recovered(&self, state: &State) -> State {
        let mut state = state.clone();
        state.callers[RECOVERY] = state.first_step();
        while state.callers[RECOVERY].is_some() {
            self.go(&mut state, RECOVERY);
        }
        state
    }
}
