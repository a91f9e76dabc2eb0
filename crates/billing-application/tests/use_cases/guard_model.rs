//! The guard of invariant I1, explored in every order its steps can happen in.
//!
//! The model is what `guard.rs`, `closing.rs`, `calls/` and `sync/` do, with the rules of `billing-domain` (it calls those
//! rules themselves) and a Stripe of its own: a caller disables, recovery joins, others enable and check out, requests
//! arrive late or after a day, payers pay, subscriptions end or are made by hand, the mirror follows or lags, Stripe does
//! not answer, and the process crashes between any two steps. The names of the steps are those of the code.

mod checkout;
mod protocol;

use crate::prelude::*;
use checkout::Checkout;
use protocol::Step;
use stateright::{Checker, Model, Property};

/// One caller, and recovery as the second that ends closings.
const CALLERS: usize = 2;
const RECOVERY: usize = 1;
const CHECKOUTS: usize = 2;

/// Which rule the model leaves out, to show that it is needed.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Without {
    Nothing,
    TheVersionCheck,
    TheCheckOfBlockers,
    TheCheckAtCheckout,
    SettlingCalls,
    EndingSessions,
    FetchingSales,
    ListingAtStripe,
    FetchingMissing,
    AbortingClosings,
    InterruptingClosings,
    Reopening,
    TheFrozenExpiry,
}

struct Guard {
    without: Without,
    /// How many of the checkouts take place.
    checkouts: usize,
    /// Whether somebody may make a subscription by hand.
    has_by_hand: bool,
    /// The bound of the exploration: each version is one change of the switch.
    versions: u32,
}

/// A subscription that somebody makes at Stripe by hand. Our mirror does not have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum ByHand {
    None,
    Charged,
    /// Charged, and fetched by the worker.
    Seen,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct State {
    switch: BillingSwitch,
    version: u32,
    checkouts: [Checkout; CHECKOUTS],
    by_hand: ByHand,
    /// For each caller the version of the closing it is in, and its next step; lost in a crash.
    callers: [Option<(u32, Step)>; CALLERS],
    refused: bool,
    reopened: bool,
    decided_on_an_old_answer: bool,
}

#[derive(Clone, Debug, PartialEq)]
enum Action {
    Enable,
    BeginClosing,
    Join,
    Go(usize),
    StripeIsSilent,
    PrepareCheckout(usize),
    CreateArrives(usize),
    Pay(usize),
    EndSubscription(usize),
    SyncObject(usize),
    ADayPasses(usize),
    SubscribeByHand,
    SyncByHand,
    EndByHand,
    Crash,
}

fn any_moment() -> Timestamp {
    Timestamp::UNIX_EPOCH
}

impl State {
    fn change_to(&mut self, switch: BillingSwitch) {
        self.switch = switch;
        self.version += 1;
    }

    fn is_closing(&self) -> bool {
        matches!(self.switch, BillingSwitch::Closing { .. })
    }

    fn is_charged(&self) -> bool {
        self.by_hand != ByHand::None || self.checkouts.iter().any(|checkout| checkout.is_charged)
    }
}

impl Model for Guard {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State {
            switch: BillingSwitch::Disabled,
            version: 0,
            checkouts: [checkout::NEW; CHECKOUTS],
            by_hand: ByHand::None,
            callers: [None; CALLERS],
            refused: false,
            reopened: false,
            decided_on_an_old_answer: false,
        }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        actions.extend([Action::Enable, Action::Crash, Action::StripeIsSilent]);
        if self.has_by_hand {
            actions.extend([Action::SubscribeByHand, Action::SyncByHand, Action::EndByHand]);
        }
        for caller in 0..CALLERS {
            actions.push(match state.callers[caller] {
                Some(_) => Action::Go(caller),
                None if caller == RECOVERY => Action::Join,
                None => Action::BeginClosing,
            });
        }
        for number in 0..self.checkouts {
            let of = [
                Action::PrepareCheckout,
                Action::CreateArrives,
                Action::Pay,
                Action::EndSubscription,
                Action::SyncObject,
                Action::ADayPasses,
            ];
            actions.extend(of.map(|action| action(number)));
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = last.clone();
        match action {
            Action::Enable => {
                let available = GatewayAvailability::default();
                let change =
                    state.switch.enable(Gateway::Managed, &available, any_moment()).ok().flatten()?;
                state.change_to(change.after);
            }
            Action::BeginClosing => {
                if let Some(change) = state.switch.begin_closing(any_moment()) {
                    state.change_to(change.after);
                }
                state.callers[0] = state.first_step();
            }
            Action::Join => state.callers[RECOVERY] = state.first_step(),
            Action::Go(caller) => self.go(&mut state, caller),
            Action::StripeIsSilent => self.abort(&mut state)?,
            Action::SubscribeByHand if state.by_hand == ByHand::None => state.by_hand = ByHand::Charged,
            Action::SubscribeByHand => return None,
            Action::SyncByHand => self.sync_by_hand(&mut state),
            Action::EndByHand => state.by_hand = ByHand::None,
            Action::Crash => state.callers = [None; CALLERS],
            checkout => self.checkout(&mut state, &checkout)?,
        }
        (state != *last).then_some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(OFF_IS_SAFE, |guard: &Guard, state: &State| {
                let may_be_charged = |checkout: &Checkout| {
                    let mut late = *checkout;
                    if late.intent.is_some() {
                        late.send(guard.without);
                    }
                    late.is_chargeable()
                };
                let is_known = state.by_hand == ByHand::Seen;
                state.switch.is_on() || !is_known && !state.checkouts.iter().any(may_be_charged)
            }),
            Property::always(NOTHING_HOLDS_UP, |guard: &Guard, state: &State| {
                !state.is_closing() || state.is_charged() || !guard.recovered(state).switch.is_on()
            }),
            Property::always(DECIDED_IN_ITS_CLOSING, |_, state: &State| !state.decided_on_an_old_answer),
            Property::always(CAN_BE_ENDED, |guard: &Guard, state: &State| {
                !guard.recovered(state).is_closing()
            }),
            Property::sometimes(GOES_OFF, |_, state: &State| {
                !state.switch.is_on() && state.checkouts.iter().any(|checkout| checkout.intent.is_some())
            }),
            Property::sometimes(IS_REFUSED, |_, state: &State| state.refused),
            Property::sometimes(IS_TURNED_ON, |_, state: &State| state.reopened),
        ]
    }

    fn within_boundary(&self, state: &State) -> bool {
        state.version <= self.versions
    }
}

const OFF_IS_SAFE: &str =
    "billing is never off while Stripe can charge someone, now or by a late request, or by hand as was seen";
const NOTHING_HOLDS_UP: &str = "a closing without a charge ends with billing off";
const DECIDED_IN_ITS_CLOSING: &str = "off is decided on what was learnt in the same closing";
const CAN_BE_ENDED: &str = "a closing can always be ended";
const GOES_OFF: &str = "billing goes off";
const IS_REFUSED: &str = "disabling is refused";
const IS_TURNED_ON: &str = "billing is turned on again";

impl Guard {
    fn checked(self) -> impl Checker<Self> {
        self.checker().spawn_bfs().join()
    }
}

#[test]
fn the_guard_holds_in_every_order_of_its_steps() {
    let without = Without::Nothing;
    let two = Guard { without, checkouts: CHECKOUTS, has_by_hand: false, versions: 4 }.checked();
    let by_hand = Guard { without, checkouts: 1, has_by_hand: true, versions: 4 }.checked();
    for checked in [&two, &by_hand] {
        checked.assert_no_discovery(OFF_IS_SAFE);
        checked.assert_no_discovery(NOTHING_HOLDS_UP);
        checked.assert_no_discovery(DECIDED_IN_ITS_CLOSING);
        checked.assert_no_discovery(CAN_BE_ENDED);
        checked.assert_any_discovery(GOES_OFF);
        checked.assert_any_discovery(IS_REFUSED);
        assert!(checked.unique_state_count() > 10_000, "{} states", checked.unique_state_count());
    }
    by_hand.assert_any_discovery(IS_TURNED_ON);
}

#[test]
fn each_of_its_rules_is_needed() {
    for (without, broken) in [
        (Without::TheVersionCheck, DECIDED_IN_ITS_CLOSING),
        (Without::TheCheckOfBlockers, OFF_IS_SAFE),
        (Without::TheCheckAtCheckout, OFF_IS_SAFE),
        (Without::SettlingCalls, NOTHING_HOLDS_UP),
        (Without::EndingSessions, NOTHING_HOLDS_UP),
        (Without::FetchingSales, NOTHING_HOLDS_UP),
        (Without::ListingAtStripe, OFF_IS_SAFE),
        (Without::FetchingMissing, NOTHING_HOLDS_UP),
        (Without::AbortingClosings, OFF_IS_SAFE),
        (Without::InterruptingClosings, OFF_IS_SAFE),
        (Without::Reopening, OFF_IS_SAFE),
        (Without::TheFrozenExpiry, OFF_IS_SAFE),
    ] {
        let has_by_hand = matches!(
            without,
            Without::ListingAtStripe
                | Without::AbortingClosings
                | Without::InterruptingClosings
                | Without::Reopening
        );
        let versions = if without == Without::TheVersionCheck { 6 } else { 4 };
        let checked = Guard { without, checkouts: 1, has_by_hand, versions }.checked();
        assert!(checked.discovery(broken).is_some(), "{without:?} is not needed for: {broken}");
    }
}
