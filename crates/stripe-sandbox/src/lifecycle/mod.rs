//! What time does to objects: renewals, ends of trials, retries of payments, expiries.

pub mod collection;
pub mod crediting;
pub mod invoicing;
pub mod periods;
pub mod phasing;
pub mod proration;
pub mod scheduling;
pub mod standing;
pub mod subscribing;
pub mod upcoming;

use self::collection::Attempt;
use crate::{
    clock::{Clock, Timestamp},
    resources::{
        checkout,
        customers::Customer,
        invoices::Invoice,
        payment_intents::PaymentIntent,
        schedules::Schedule,
        subscriptions::Subscription,
        test_clocks::{self, TestClock},
    },
    store::{Due, Kind, Origin, Resource, Tx, World},
    wire::idempotency::IdempotentAnswer,
};

/// More steps than any move of a clock needs; beyond it something falls due without end.
const MOST_STEPS: usize = 200_000;

/// Does what has fallen due by the sandbox's clock.
pub fn catch_up(world: &mut World) {
    let now = world.clock.now();
    settle(world, None, now);
    finish_advancing(world);
}

/// Moves the sandbox's clock forward, doing on the way what falls due, each thing at its time. Where it goes is kept
/// first: a sandbox that ends on the way does the rest when it starts again.
pub fn move_clock(world: &mut World, to: Timestamp) {
    world.set_clock(world.clock.moved_to(to));
    settle(world, None, to);
    finish_advancing(world);
}

/// Brings the test clocks that are on their way to where they go.
pub fn finish_advancing(world: &mut World) {
    for (account, id) in std::mem::take(&mut world.advancing) {
        let find =
            |world: &mut World| world.begin(&account, Origin::default()).find::<TestClock>(&id).cloned();
        let Some(target) = find(world).and_then(|clock| clock.advancing_to) else { continue };
        settle(world, Some((&account, &id)), target);
        let Some(clock) = find(world) else { continue };
        let mut tx = world.begin(&account, Origin::default());
        let clock = TestClock { frozen_time: target, advancing_to: None, ..clock };
        tx.put(clock.clone());
        tx.emit("test_helpers.test_clock.ready", &clock);
        tx.commit();
    }
}

fn settle(world: &mut World, test_clock: Option<(&str, &str)>, until: Timestamp) {
    for _ in 0..MOST_STEPS {
        let Some(due) = world.next_due(test_clock.map(|(_, id)| id), until) else { break };
        match test_clock {
            None => world.clock = Clock::Standing { at: due.at },
            Some((account, id)) => freeze(world, account, id, due.at),
        }
        let mut tx = world.begin(&due.account, Origin::default());
        fall_due(&mut tx, &due);
        tx.commit();
        // What did not move on would fall due again for ever.
        if world.next_due(test_clock.map(|(_, id)| id), due.at).as_ref() == Some(&due) {
            tracing::error!(?due, "nothing came of what fell due; it is left as it is");
            world.forget_due(&due);
        }
    }
    world.resume_clock();
}

fn freeze(world: &mut World, account: &str, id: &str, at: Timestamp) {
    let mut tx = world.begin(account, Origin::default());
    if let Some(clock) = tx.find::<TestClock>(id).cloned().filter(|clock| clock.frozen_time < at) {
        tx.put(TestClock { frozen_time: at, ..clock });
    }
    tx.commit();
}

/// Nothing of a customer that is deleted is charged again.
pub fn cancel_all_of(tx: &mut Tx<'_>, customer: &Customer) {
    scheduling::cancel_all_of(tx, &customer.id);
    let live = tx.of_owner::<Subscription>(&customer.id).filter(|it| it.status.is_live());
    for subscription in live.cloned().collect::<Vec<_>>() {
        subscribing::cancel(tx, subscription);
    }
    standing::stop_charging(tx, &customer.id);
}

/// One thing, at its time.
fn fall_due(tx: &mut Tx<'_>, due: &Due) {
    let id = &due.id;
    match due.kind {
        Kind::CheckoutSession => {
            tx.find::<checkout::Session>(id).cloned().into_iter().for_each(|it| checkout::fall_due(tx, it));
        }
        Kind::IdempotentAnswer => tx.remove::<IdempotentAnswer>(id),
        Kind::Invoice => {
            tx.find::<Invoice>(id).cloned().into_iter().for_each(|it| collection::fall_due(tx, it));
        }
        Kind::PaymentIntent => PaymentIntent::settle(tx, id),
        Kind::Schedule => {
            tx.find::<Schedule>(id).cloned().into_iter().for_each(|it| scheduling::fall_due(tx, it));
        }
        Kind::Subscription => {
            upcoming::tell(tx, id);
            scheduling::before_renewal(tx, id);
            let still_due = |it: &&Subscription| it.due().is_some_and(|at| at <= due.at);
            if let Some(subscription) = tx.find::<Subscription>(id).filter(still_due).cloned() {
                subscribing::fall_due(tx, subscription);
            }
        }
        Kind::TestClock => {
            tx.find::<TestClock>(id).cloned().into_iter().for_each(|it| test_clocks::remove(tx, &it));
        }
        _ => {}
    }
}

/// A payment went on outside of its own request: a person authenticated it, or confirmed it.
pub fn payment_changed(tx: &mut Tx<'_>, intent: &PaymentIntent) {
    changed(tx, intent, Attempt::ByHand);
}

/// A debit for an invoice arrived, or came back.
pub fn debit_ended(tx: &mut Tx<'_>, intent: &PaymentIntent) {
    changed(tx, intent, Attempt::Debit);
}

fn changed(tx: &mut Tx<'_>, intent: &PaymentIntent, attempt: Attempt) {
    let invoice = intent.invoice.as_ref().and_then(|id| tx.find::<Invoice>(id).cloned());
    if let Some(invoice) = invoice.filter(Invoice::is_payable) {
        collection::outcome(tx, invoice, intent, attempt);
    }
    checkout::payment_changed(tx, intent);
}
