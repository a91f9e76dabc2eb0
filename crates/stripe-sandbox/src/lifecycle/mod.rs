//! What time does to objects: renewals, ends of trials, retries of payments, expiries.

pub mod billing;
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
    mistake::caught,
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

/// More steps at once than most moves of a clock need, so that what falls due without end holds nobody up for ever.
const MOST_STEPS: usize = 200_000;

/// Does what has fallen due by the sandbox's clock, and goes on with the test clocks that are on their way.
pub fn catch_up(world: &mut World) {
    let now = world.clock.now();
    settle(world, None, now, MOST_STEPS);
    finish_advancing(world);
}

/// Moves the sandbox's clock forward, doing on the way what falls due, each thing at its time. Where it goes is kept
/// first: a sandbox that ends on the way does the rest when it starts again.
pub fn move_clock(world: &mut World, to: Timestamp) {
    world.set_clock(world.clock.moved_to(to));
    settle(world, None, to, MOST_STEPS);
    finish_advancing(world);
}

/// Brings the test clocks that are on their way to where they go.
pub fn finish_advancing(world: &mut World) {
    advance(world, MOST_STEPS);
}

/// A clock that is not there after so many steps stays on its way.
fn advance(world: &mut World, most_steps: usize) {
    for (account, id) in std::mem::take(&mut world.advancing) {
        let find =
            |world: &mut World| world.begin(&account, Origin::default()).find::<TestClock>(&id).cloned();
        let Some(target) = find(world).and_then(|clock| clock.advancing_to) else { continue };
        if !settle(world, Some((&account, &id)), target, most_steps) {
            world.advancing.push((account, id));
            continue;
        }
        let Some(clock) = find(world) else { continue };
        let mut tx = world.begin(&account, Origin::default());
        let clock = TestClock { frozen_time: target, advancing_to: None, ..clock };
        tx.put(clock.clone());
        tx.emit("test_helpers.test_clock.ready", &clock);
        tx.commit();
    }
}

/// Whether all is done that falls due by then.
fn settle(world: &mut World, test_clock: Option<(&str, &str)>, until: Timestamp, most_steps: usize) -> bool {
    let is_done = (0..most_steps).any(|_| !step(world, test_clock, until, fall_due));
    world.resume_clock();
    if !is_done {
        tracing::error!(?test_clock, until, most_steps, "too much falls due at once: the rest is done later");
    }
    is_done
}

/// Does the next thing that falls due by then; `false` when there is none.
fn step(
    world: &mut World,
    test_clock: Option<(&str, &str)>,
    until: Timestamp,
    act: impl FnOnce(&mut Tx<'_>, &Due),
) -> bool {
    let test_clock_id = test_clock.map(|(_, id)| id);
    let Some(due) = world.next_due(test_clock_id, until) else { return false };
    match test_clock {
        None => world.clock = Clock::Standing { at: due.at },
        Some((account, id)) => freeze(world, account, id, due.at),
    }
    let done = caught(|| {
        let mut tx = world.begin(&due.account, Origin::default());
        act(&mut tx, &due);
        tx.commit();
    });
    if let Err(panic) = done {
        tracing::error!(panic, ?due, "a mistake of the sandbox: what fell due is left as it is");
        world.forget_due(&due);
    } else if world.next_due(test_clock_id, due.at).as_ref() == Some(&due) {
        // What did not move on would fall due again for ever.
        tracing::error!(?due, "nothing came of what fell due; it is left as it is");
        world.forget_due(&due);
    }
    true
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

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::{api, clock::DAY};

    fn world() -> World {
        World::new(Clock::Standing { at: 0 }, 1, String::new())
    }

    fn post(world: &mut World, path: &str, form: &str) -> Value {
        let response = api::post(world, path, form);
        assert_eq!(response.status, 200, "{}", response.body);
        response.body
    }

    fn id(object: &Value) -> &str {
        object["id"].as_str().unwrap()
    }

    /// A clock, and a customer by it whose subscription renews each day.
    fn daily_subscription(world: &mut World) -> Value {
        let clock = post(world, "/v1/test_helpers/test_clocks", "frozen_time=0");
        let form = format!(
            "test_clock={}&payment_method=pm_card_visa&invoice_settings[default_payment_method]=pm_card_visa",
            id(&clock)
        );
        let customer = post(world, "/v1/customers", &form);
        let product = post(world, "/v1/products", "name=Basic");
        let form = format!("product={}&currency=usd&unit_amount=500&recurring[interval]=day", id(&product));
        let price = post(world, "/v1/prices", &form);
        let form = format!("customer={}&items[0][price]={}", id(&customer), id(&price));
        post(world, "/v1/subscriptions", &form);
        clock
    }

    fn invoices(world: &World) -> usize {
        world.accounts().filter_map(|(_, tables)| Some(tables.get(&Kind::Invoice)?.len())).sum()
    }

    #[test]
    fn test_clock_advances_in_turns_until_all_that_is_due_is_done() {
        let mut world = world();
        let clock = daily_subscription(&mut world);
        let path = format!("/v1/test_helpers/test_clocks/{}/advance", id(&clock));
        post(&mut world, &path, &format!("frozen_time={}", 2 * DAY));
        let mut turns = 0;
        while !world.advancing.is_empty() {
            turns += 1;
            assert!(turns < 100, "it never arrives");
            advance(&mut world, 1);
        }
        assert!(turns > 1, "nothing was left to be done later");
        assert_eq!(invoices(&world), 3);
    }

    #[test]
    fn a_mistake_in_what_falls_due_is_undone_and_holds_up_nothing_else() {
        let mut world = world();
        daily_subscription(&mut world);
        let account = world.accounts().next().unwrap().0.to_owned();
        let clock =
            world.begin(&account, Origin::default()).newest_first::<TestClock>().next().unwrap().clone();
        let test_clock = Some((account.as_str(), clock.id.as_str()));
        let mistaken = |tx: &mut Tx<'_>, due: &Due| {
            tx.remove::<Subscription>(&due.id);
            panic!("a test asks for it")
        };
        assert!(step(&mut world, test_clock, 10 * DAY, mistaken));
        assert_eq!(world.table(&account, Kind::Subscription).unwrap().len(), 1);
        assert!(!step(&mut world, test_clock, 10 * DAY, fall_due), "it is tried again");
    }
}
