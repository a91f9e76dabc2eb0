//! A sale of seven events, told in every order.

use billing_simulation::{Mutation, Orders, Outcome, Step};

const ORDERS: usize = 5_040;
/// Set by `just orders`, which walks all of them; others walk one of so many.
const ALL: &str = "KL_TEST_ALL_ORDERS";
const ONE_OF: usize = 60;
const KINDS: [&str; Orders::EVENTS] = [
    "customer.subscription.created",
    "invoice.paid",
    "checkout.session.completed",
    "customer.subscription.updated",
    "invoice.paid",
    "customer.subscription.updated",
    "customer.subscription.deleted",
];

fn numbers() -> impl Iterator<Item = usize> {
    #[expect(clippy::disallowed_methods, reason = "a test has no settings of the service")]
    let one_of = if std::env::var_os(ALL).is_some() { 1 } else { ONE_OF };
    (0..ORDERS).step_by(one_of)
}

/// The permutation with this number; the first is in the order of the events.
fn order(number: usize) -> Vec<usize> {
    let mut left: Vec<usize> = (0..Orders::EVENTS).collect();
    let (mut number, mut orders) = (number, ORDERS);
    let mut order = Vec::new();
    while !left.is_empty() {
        orders /= left.len();
        order.push(left.remove(number / orders));
        number %= orders;
    }
    order
}

/// The deliveries of an order, each event once or twice, with turns of the worker between them, and between a fetch and
/// its write, as the number of the order draws them.
fn steps(number: usize, is_twice: bool) -> Vec<Step> {
    let mut rng = fastrand::Rng::with_seed(number as u64);
    let mut deliveries = order(number);
    if is_twice {
        for place in (0..Orders::EVENTS).rev() {
            let later = rng.usize(place + 1..=deliveries.len());
            deliveries.insert(later, deliveries[place]);
        }
    }
    let mut steps = Vec::new();
    for event in deliveries {
        let is_during_fetch = rng.usize(..3) == 0;
        steps.push(if is_during_fetch { Step::DeliverDuringFetch(event) } else { Step::Deliver(event) });
        steps.extend(std::iter::repeat_n(Step::Work, rng.usize(..3)));
    }
    steps
}

/// The end of the sale when each event is told as it happens.
fn reference(orders: &mut Orders) -> Outcome {
    let steps: Vec<_> = (0..Orders::EVENTS).flat_map(|event| [Step::Deliver(event), Step::Work]).collect();
    let reference = orders.walk_anew(&steps, None);
    assert_eq!(orders.compare_with_stripe(), Ok(()));
    reference
}

fn each_order_ends_in_one_state(in_one_second: bool) {
    let mut orders = Orders::new(in_one_second);
    assert_eq!(orders.kinds(), KINDS);
    let reference = reference(&mut orders);
    for number in numbers() {
        for is_twice in [false, true] {
            let steps = steps(number, is_twice);
            assert_eq!(orders.walk(&steps), reference, "order {number}: {steps:?}");
        }
    }
}

#[test]
fn orders_of_seven_events_end_in_one_state() {
    each_order_ends_in_one_state(false);
}

#[test]
fn orders_of_seven_events_of_one_second_end_in_one_state() {
    each_order_ends_in_one_state(true);
}

#[test]
fn steps_that_walks_share_are_as_good_as_steps_taken_anew() {
    let mut orders = Orders::new(true);
    for number in (0..ORDERS).step_by(101) {
        let steps = steps(number, true);
        assert_eq!(orders.walk(&steps), orders.walk_anew(&steps, None), "order {number}: {steps:?}");
    }
}

#[test]
fn reconciliation_alone_ends_in_the_state_of_all_events() {
    let mut orders = Orders::new(false);
    let reference = reference(&mut orders);
    assert_eq!(orders.reconciled().mirror, reference.mirror);
    assert_eq!(orders.compare_with_stripe(), Ok(()));
}

#[test]
fn a_mirror_that_believes_events_differs_by_their_order() {
    for (mutation, in_one_second) in [(Mutation::SnapshotOfEvent, false), (Mutation::OrderedByCreated, true)]
    {
        let mut orders = Orders::new(in_one_second);
        let reference = reference(&mut orders);
        let mut some = (0..ORDERS).step_by(101);
        let mut mirror = |number| orders.walk_anew(&steps(number, false), Some(mutation)).mirror;
        let differs = some.any(|number| mirror(number) != reference.mirror);
        assert!(differs, "{}", mutation.as_str());
    }
}
