//! The guard of invariant I1, explored in every order its steps can happen in.
//!
//! The model is what `closing.rs` does with the rules of `billing-domain` (it calls those rules themselves): two
//! callers switch off, others enable and check out, intents end, the process crashes between any two
//! transactions and recovery joins what it finds. What a caller learns from a payment gateway between its two
//! transactions is modelled as the version of the closing it asked in.
use crate::prelude::*;
use stateright::{Checker, Model, Property};

/// Two callers, and recovery as the third that ends closings.
const CALLERS: usize = 3;
const RECOVERY: usize = 2;
/// The bound of the exploration: each version is one change of the switch.
const VERSIONS_AT_MOST: u32 = 9;
const INTENTS_AT_MOST: u8 = 2;

/// Which check the model leaves out, to show that it is needed.
#[derive(Clone, Copy, PartialEq)]
enum Without {
    Nothing,
    TheVersionCheck,
    TheCheckOfBlockers,
    TheCheckAtCheckout,
}

struct Guard(Without);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct State {
    switch: BillingSwitch,
    version: u32,
    open_intents: u8,
    /// For each caller the version of the closing it began or joined; lost in a crash.
    asked_in: [Option<u32>; CALLERS],
    /// An intent was accepted while billing was closing or off.
    accepted_in_error: bool,
    /// Disabling was refused at least once.
    refused: bool,
    /// Billing went off on an answer about another closing.
    decided_on_an_old_answer: bool,
}

#[derive(Clone, Debug, PartialEq)]
enum Action {
    Enable(Gateway),
    BeginClosing(usize),
    FinishClosing(usize),
    Join,
    OpenIntent,
    EndIntent,
    Crash,
}

fn any_moment() -> Timestamp {
    Timestamp::UNIX_EPOCH
}

fn blockers(number: u8) -> Blockers {
    let blocker = Blocker::WorkspaceSubscription {
        id: StripeSubscriptionId::parse("sub_1").unwrap(),
        status: SubscriptionStatus::Active,
    };
    Blockers::new(vec![blocker; number.into()], number.into())
}

impl State {
    fn change_to(&mut self, switch: BillingSwitch) {
        self.switch = switch;
        self.version += 1;
    }

    fn is_closing(&self) -> bool {
        matches!(self.switch, BillingSwitch::Closing { .. })
    }
}

impl Guard {
    fn finish(&self, state: &mut State, caller: usize) {
        let Some(asked_in) = state.asked_in[caller].take() else { return };
        let found = if self.0 == Without::TheCheckOfBlockers { 0 } else { state.open_intents };
        if asked_in != state.version && self.0 != Without::TheVersionCheck {
            return;
        }
        if let Some(change) = state.switch.finish_closing(&blockers(found)) {
            let goes_off = !change.after.is_on();
            state.decided_on_an_old_answer |= goes_off && asked_in != state.version;
            state.refused |= !goes_off;
            state.change_to(change.after);
        }
    }
}

impl Model for Guard {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State {
            switch: BillingSwitch::Disabled,
            version: 0,
            open_intents: 0,
            asked_in: [None; CALLERS],
            accepted_in_error: false,
            refused: false,
            decided_on_an_old_answer: false,
        }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        actions.extend([Gateway::Managed, Gateway::StripeConnect].map(Action::Enable));
        for caller in 0..CALLERS {
            match state.asked_in[caller] {
                Some(_) => actions.push(Action::FinishClosing(caller)),
                None if caller == RECOVERY => actions.push(Action::Join),
                None => actions.push(Action::BeginClosing(caller)),
            }
        }
        actions.extend([Action::OpenIntent, Action::EndIntent, Action::Crash]);
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = last.clone();
        match action {
            Action::Enable(gateway) => {
                let available = GatewayAvailability::default();
                let change = state.switch.enable(gateway, &available, any_moment()).ok().flatten()?;
                state.change_to(change.after);
            }
            Action::BeginClosing(caller) => {
                if let Some(change) = state.switch.begin_closing(any_moment()) {
                    state.change_to(change.after);
                }
                state.asked_in[caller] = state.is_closing().then_some(state.version);
            }
            Action::Join => state.asked_in[RECOVERY] = state.is_closing().then_some(state.version),
            Action::FinishClosing(caller) => self.finish(&mut state, caller),
            Action::OpenIntent => {
                let admitted = state.switch.admit_checkout().is_ok();
                if !admitted && self.0 != Without::TheCheckAtCheckout {
                    return None;
                }
                state.accepted_in_error |= !admitted;
                state.open_intents += 1;
            }
            Action::EndIntent => state.open_intents = state.open_intents.checked_sub(1)?,
            Action::Crash => state.asked_in = [None; CALLERS],
        }
        (state != *last).then_some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("billing is never off while someone can be charged", |_, state: &State| {
                state.switch.is_on() || state.open_intents == 0
            }),
            Property::always("no intent is accepted while closing or off", |_, state: &State| {
                !state.accepted_in_error
            }),
            Property::always("off is decided on what was learnt in the same closing", |_, state: &State| {
                !state.decided_on_an_old_answer
            }),
            Property::always("a closing can always be ended", |guard: &Guard, state: &State| {
                if !state.is_closing() {
                    return true;
                }
                let mut joined = state.clone();
                joined.asked_in[RECOVERY] = Some(joined.version);
                guard.finish(&mut joined, RECOVERY);
                !joined.is_closing()
            }),
            Property::sometimes("billing goes off", |_, state: &State| {
                !state.switch.is_on() && state.version > 0
            }),
            Property::sometimes("disabling is refused", |_, state: &State| state.refused),
        ]
    }

    fn within_boundary(&self, state: &State) -> bool {
        state.version <= VERSIONS_AT_MOST && state.open_intents <= INTENTS_AT_MOST
    }
}

#[test]
fn the_guard_holds_in_every_order_of_its_steps() {
    let checked = Guard(Without::Nothing).checker().spawn_bfs().join();
    checked.assert_properties();
    assert!(checked.unique_state_count() > 1_000, "{} states", checked.unique_state_count());
}

#[test]
fn each_of_its_checks_is_needed() {
    for (without, broken) in [
        (Without::TheVersionCheck, "off is decided on what was learnt in the same closing"),
        (Without::TheCheckOfBlockers, "billing is never off while someone can be charged"),
        (Without::TheCheckAtCheckout, "no intent is accepted while closing or off"),
    ] {
        let checked = Guard(without).checker().spawn_bfs().join();
        assert!(checked.discovery(broken).is_some(), "nothing breaks without it: {broken}");
    }
}
