//! Fixed seeds.

mod orders;
mod revenue;

use billing_simulation::{Mutation, Stage, live_all};

/// The lives of a run.
const LIVES: u64 = 500;
/// The threads of a test. Lives are independent.
const THREADS: usize = 2;
/// The number of seeds of each.
const SEEDS: usize = 3;
/// A mutation a line, with the seeds that catch it. `just simulate 2000 --mutations --pin` writes it.
const PINS: &str = include_str!("pins.txt");

#[test]
fn no_life_breaks_an_invariant() {
    let lives: Vec<_> = (0..LIVES).map(|seed| (seed, None)).collect();
    let violations = live_all(&lives, THREADS, false, |seed, story| Some((seed, story.violation?)));
    if let Some((seed, violation)) = violations.into_iter().flatten().next() {
        panic!("{violation}\n{}", Stage::new().live(seed, None, true).trace);
    }
}

#[test]
fn each_pinned_seed_catches_its_mutation() {
    let mut pins = Vec::new();
    for line in PINS.lines() {
        let (name, seeds) = line.split_once(' ').unwrap();
        let mutation = Mutation::named(name).unwrap_or_else(|| panic!("{name} is no mutation"));
        let before = pins.len();
        pins.extend(seeds.split(' ').map(|seed| (seed.parse().unwrap(), Some(mutation))));
        assert_eq!(pins.len() - before, SEEDS, "seeds of {name}");
    }
    let is_pinned = |mutation: &&Mutation| pins.iter().any(|(_, pinned)| *pinned == Some(**mutation));
    let unpinned: Vec<_> = Mutation::ALL.iter().filter(|mutation| !is_pinned(mutation)).collect();
    assert!(unpinned.is_empty(), "without seeds: {unpinned:?}");
    let caught = live_all(&pins, THREADS, false, |_, story| story.violation.is_some());
    let missed: Vec<_> = pins.iter().zip(caught).filter(|(_, is_caught)| !is_caught).collect();
    assert!(
        missed.is_empty(),
        "not caught any more: {missed:?}. If the product's statements have changed, pin anew: `just simulate 2000 --mutations --pin`"
    );
}

#[test]
fn a_seed_lives_the_same_life_again() {
    let (mut stage, mut other) = (Stage::new(), Stage::new());
    for seed in 0..10 {
        let story = stage.live(seed, None, true).trace;
        assert!(story == stage.live(seed, None, true).trace, "seed {seed} differs on the same stage");
        assert!(story == other.live(seed, None, true).trace, "seed {seed} differs on another stage");
    }
}
