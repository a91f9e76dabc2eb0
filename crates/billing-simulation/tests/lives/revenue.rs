//! Revenue figures against a recomputation from the sandbox's subscriptions.

use billing_simulation::revenue_history;

/// The histories of a run. `just simulate 200 --revenue` goes through more.
const HISTORIES: u64 = 10;

#[test]
fn revenue_equals_a_recomputation_from_stripes_subscriptions() {
    for seed in 0..HISTORIES {
        let size = revenue_history(seed).unwrap_or_else(|difference| panic!("seed {seed}: {difference}"));
        assert!(size.sold > 20 && size.changes > 20 && size.compared > 50, "seed {seed} is poor: {size:?}");
    }
}
