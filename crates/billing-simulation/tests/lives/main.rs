//! Fixed seeds: those of every run, and for each weakened rule three that catch it.

mod pinned;

use billing_simulation::{Mutation, Stage};

/// The lives of a run.
const LIVES: u64 = 500;

#[test]
fn no_life_breaks_an_invariant() {
    let mut stage = Stage::new();
    for seed in 0..LIVES {
        if let Some(violation) = stage.live(seed, None, false).violation {
            panic!("{violation}\n{}", stage.live(seed, None, true).trace);
        }
    }
}

#[test]
fn lives_that_once_broke_an_invariant_break_none() {
    let mut stage = Stage::new();
    for (seed, once) in pinned::BROKEN_ONCE {
        assert_eq!(stage.live(seed, None, false).violation, None, "seed {seed}, once: {once}");
    }
}

#[test]
fn every_weakened_rule_is_caught_by_its_pinned_seeds() {
    let mut stage = Stage::new();
    assert_eq!(pinned::CATCHES.map(|(mutation, _)| mutation), Mutation::ALL);
    for (mutation, seeds) in pinned::CATCHES {
        for seed in seeds {
            let story = stage.live(seed, Some(mutation), false);
            assert!(story.violation.is_some(), "seed {seed} does not catch {}", mutation.as_str());
        }
    }
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
