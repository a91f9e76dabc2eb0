//! Revenue figures against a recomputation from the sandbox's subscriptions.

use billing_simulation::revenue_histories;

use crate::THREADS;

/// The histories of a run. `just simulate 200 --revenue --threads 2` goes through more.
const HISTORIES: u64 = 40;

#[test]
fn revenue_equals_a_recomputation_from_stripes_subscriptions() {
    for (seed, told) in (0..).zip(revenue_histories(0..HISTORIES, THREADS)) {
        let size = told.unwrap_or_else(|difference| panic!("seed {seed}: {difference}"));
        assert!(size.sold > 20 && size.changes > 20 && size.compared > 50, "seed {seed} is poor: {size:?}");
    }
}
