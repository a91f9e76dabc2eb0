//! Fixed seeds.

mod orders;

use billing_simulation::Stage;

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
fn a_seed_lives_the_same_life_again() {
    let (mut stage, mut other) = (Stage::new(), Stage::new());
    for seed in 0..10 {
        let story = stage.live(seed, None, true).trace;
        assert!(story == stage.live(seed, None, true).trace, "seed {seed} differs on the same stage");
        assert!(story == other.live(seed, None, true).trace, "seed {seed} differs on another stage");
    }
}
