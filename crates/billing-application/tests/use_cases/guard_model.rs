//! The guard of invariant I1, explored in every order its steps can happen in.
//!
//! The model is what `guard.rs`, `closing.rs` and `calls/` do, with the rules of `billing-domain` (it calls those rules
//! themselves) and a Stripe of its own: a caller disables, recovery joins, others enable and check out, requests arrive
//! late or after a day, payers pay, subscriptions end, the mirror follows or lags, and the process crashes between any
//! two steps. The names of the steps are those of the code.
use crate::prelude::*;
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
    ListingAtStripe,
    TheFrozenExpiry,
}

struct Guard {
    without: Without,
    /// How many of the checkouts take place.
    checkouts: usize,
    /// The bound of the exploration: each version is one change of the switch.
    versions: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Session {
    None,
    Open,
    Complete,
    Expired,
}

/// A checkout: our intent, and what there is of it at Stripe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Checkout {
    /// `None` before it is prepared.
    intent: Option<CheckoutIntentState>,
    session: Session,
    /// Stripe charges for a subscription of it.
    is_charged: bool,
    /// Our mirror has a live subscription of it.
    is_mirrored: bool,
    /// Its key is forgotten, and its expiry has passed.
    is_old: bool,
}

const NEW: Checkout =
    Checkout { intent: None, session: Session::None, is_charged: false, is_mirrored: false, is_old: false };

impl Checkout {
    fn is_unclosed(self) -> bool {
        self.intent.is_some_and(|intent| !intent.is_closed())
    }

    fn is_chargeable(self) -> bool {
        self.session == Session::Open || self.is_charged
    }

    /// `GatewayCalls::send` of the create under its key: at most one session, and none from a day on.
    fn send(&mut self, without: Without) {
        if self.session == Session::None && (!self.is_old || without == Without::TheFrozenExpiry) {
            self.session = Session::Open;
        }
    }

    /// `RecordCall` with the session as it is fetched.
    fn record(&mut self) {
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
}

/// The next step of a caller that has begun or joined a closing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Step {
    SettleCall(usize),
    EndSession(usize),
    List,
    Finish { found: bool },
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct State {
    switch: BillingSwitch,
    version: u32,
    checkouts: [Checkout; CHECKOUTS],
    /// Stripe charges for a subscription that somebody made there by hand. Our mirror does not have it.
    is_charged_by_hand: bool,
    /// For each caller the version of the closing it is in, and its next step; lost in a crash.
    callers: [Option<(u32, Step)>; CALLERS],
    refused: bool,
    decided_on_an_old_answer: bool,
}

#[derive(Clone, Debug, PartialEq)]
enum Action {
    Enable,
    BeginClosing,
    Join,
    Go(usize),
    PrepareCheckout(usize),
    CreateArrives(usize),
    Pay(usize),
    EndSubscription(usize),
    SyncObject(usize),
    ADayPasses(usize),
    SubscribeByHand,
    Crash,
}

fn any_moment() -> Timestamp {
    Timestamp::UNIX_EPOCH
}

fn blockers(number: usize) -> Blockers {
    let blocker = Blocker::WorkspaceSubscription {
        id: StripeSubscriptionId::parse("sub_1").unwrap(),
        status: SubscriptionStatus::Active,
    };
    Blockers::new(vec![blocker; number], number as u64)
}

impl State {
    fn change_to(&mut self, switch: BillingSwitch) {
        self.switch = switch;
        self.version += 1;
    }

    fn is_closing(&self) -> bool {
        matches!(self.switch, BillingSwitch::Closing { .. })
    }

    fn has_chargeable_checkout(&self) -> bool {
        self.checkouts.iter().any(|checkout| checkout.is_chargeable())
    }

    fn first_step(&self) -> Option<(u32, Step)> {
        self.is_closing().then_some((self.version, Step::SettleCall(0)))
    }
}

impl Guard {
    /// One step of `Executor::guard`, or `FinishClosing`.
    fn go(&self, state: &mut State, caller: usize) {
        let Some((version, step)) = state.callers[caller] else { return };
        let next = match step {
            Step::SettleCall(number) => {
                let checkout = &mut state.checkouts[number];
                let is_unresolved = checkout.intent == Some(CheckoutIntentState::Unresolved);
                if is_unresolved && self.without != Without::SettlingCalls {
                    // From a day on it is looked for by a list, and not sent.
                    if !checkout.is_old {
                        checkout.send(self.without);
                    }
                    checkout.record();
                }
                if number + 1 < CHECKOUTS { Step::SettleCall(number + 1) } else { Step::EndSession(0) }
            }
            Step::EndSession(number) => {
                let checkout = &mut state.checkouts[number];
                if checkout.intent == Some(CheckoutIntentState::Open)
                    && self.without != Without::EndingSessions
                {
                    if checkout.session == Session::Open {
                        checkout.session = Session::Expired;
                    }
                    checkout.record();
                }
                if number + 1 < CHECKOUTS { Step::EndSession(number + 1) } else { Step::List }
            }
            Step::List => {
                let found = state.is_charged_by_hand || state.has_chargeable_checkout();
                Step::Finish { found: found && self.without != Without::ListingAtStripe }
            }
            Step::Finish { found } => {
                state.callers[caller] = None;
                return self.finish(state, version, found);
            }
        };
        state.callers[caller] = Some((version, next));
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

    /// The state after recovery went through alone.
    fn recovered(&self, state: &State) -> State {
        let mut state = state.clone();
        state.callers[RECOVERY] = state.first_step();
        while state.callers[RECOVERY].is_some() {
            self.go(&mut state, RECOVERY);
        }
        state
    }

    fn checkout(&self, state: &mut State, action: &Action) -> Option<()> {
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
                if checkout.session == Session::Complete {
                    // The subscription is mirrored, and closes the intent, in one transaction.
                    checkout.is_mirrored = checkout.is_charged;
                    checkout.intent = Some(CheckoutIntentState::Synced);
                }
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

impl Model for Guard {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State {
            switch: BillingSwitch::Disabled,
            version: 0,
            checkouts: [NEW; CHECKOUTS],
            is_charged_by_hand: false,
            callers: [None; CALLERS],
            refused: false,
            decided_on_an_old_answer: false,
        }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        actions.extend([Action::Enable, Action::SubscribeByHand, Action::Crash]);
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
            // While billing is off, or after the list of a closing, it re-opens billing when it is seen (I1.4).
            Action::SubscribeByHand => {
                state.switch.admit_checkout().ok()?;
                state.is_charged_by_hand = true;
            }
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
                let is_charged = state.is_charged_by_hand || state.checkouts.iter().any(may_be_charged);
                state.switch.is_on() || !is_charged
            }),
            Property::always(NOTHING_HOLDS_UP, |guard: &Guard, state: &State| {
                let is_sold =
                    |checkout: &Checkout| checkout.session == Session::Complete || checkout.is_mirrored;
                if !state.is_closing() || state.is_charged_by_hand || state.checkouts.iter().any(is_sold) {
                    return true;
                }
                !guard.recovered(state).switch.is_on()
            }),
            Property::always(DECIDED_IN_ITS_CLOSING, |_, state: &State| !state.decided_on_an_old_answer),
            Property::always("a closing can always be ended", |guard: &Guard, state: &State| {
                !guard.recovered(state).is_closing()
            }),
            Property::sometimes("billing goes off", |_, state: &State| {
                !state.switch.is_on() && state.checkouts.iter().any(|checkout| checkout.intent.is_some())
            }),
            Property::sometimes("disabling is refused", |_, state: &State| state.refused),
        ]
    }

    fn within_boundary(&self, state: &State) -> bool {
        state.version <= self.versions
    }
}

const OFF_IS_SAFE: &str = "billing is never off while Stripe can charge someone, now or by a late request";
const NOTHING_HOLDS_UP: &str = "a closing without a sale ends with billing off";
const DECIDED_IN_ITS_CLOSING: &str = "off is decided on what was learnt in the same closing";

#[test]
fn the_guard_holds_in_every_order_of_its_steps() {
    let checked =
        Guard { without: Without::Nothing, checkouts: CHECKOUTS, versions: 4 }.checker().spawn_bfs().join();
    checked.assert_properties();
    assert!(checked.unique_state_count() > 10_000, "{} states", checked.unique_state_count());
}

#[test]
fn each_of_its_rules_is_needed() {
    for (without, broken) in [
        (Without::TheVersionCheck, DECIDED_IN_ITS_CLOSING),
        (Without::TheCheckOfBlockers, OFF_IS_SAFE),
        (Without::TheCheckAtCheckout, OFF_IS_SAFE),
        (Without::SettlingCalls, NOTHING_HOLDS_UP),
        (Without::EndingSessions, NOTHING_HOLDS_UP),
        (Without::ListingAtStripe, OFF_IS_SAFE),
        (Without::TheFrozenExpiry, OFF_IS_SAFE),
    ] {
        let checked = Guard { without, checkouts: 1, versions: 6 }.checker().spawn_bfs().join();
        assert!(checked.discovery(broken).is_some(), "{without:?} is not needed for: {broken}");
    }
}
