use billing_simulation::Mutation;

/// Seeds that once broke an invariant, and what was repaired.
pub const BROKEN_ONCE: [(u64, &str); 0] = [];

/// For each weakened rule three seeds that catch it.
pub const CATCHES: [(Mutation, [u64; 3]); 0] = [];
