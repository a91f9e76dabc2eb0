//! Webhooks that are lost, come twice, late and out of order, the same way for the same seed.

use serde::{Deserialize, Serialize};

/// How much a shuffled delivery is held back.
const SHUFFLED_BY_MS: u64 = 400;

/// What happens to deliveries; each chance is between 0 and 1.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Chaos {
    #[serde(default)]
    seed: u64,
    #[serde(default)]
    drop: f64,
    #[serde(default)]
    duplicate: f64,
    #[serde(default)]
    shuffle: f64,
    /// Each delivery is late by up to so much.
    #[serde(default)]
    delay_ms: u64,
    #[serde(default, skip_deserializing)]
    decided: u64,
}

/// What becomes of one delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fate {
    pub copies: u32,
    pub is_dropped: bool,
    pub delay_ms: u64,
}

impl Default for Fate {
    fn default() -> Self {
        Self { copies: 1, is_dropped: false, delay_ms: 0 }
    }
}

impl Chaos {
    /// Decided by the seed and by how many were decided before, and by nothing else.
    pub fn next(&mut self) -> Fate {
        let mut random =
            fastrand::Rng::with_seed(self.seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ self.decided);
        self.decided += 1;
        let is_dropped = random.f64() < self.drop;
        let is_doubled = random.f64() < self.duplicate;
        let is_shuffled = random.f64() < self.shuffle;
        let late = if self.delay_ms > 0 { random.u64(0..=self.delay_ms.min(60_000)) } else { 0 };
        let held = if is_shuffled { random.u64(1..=SHUFFLED_BY_MS) } else { 0 };
        Fate { copies: 1 + u32::from(is_doubled && !is_dropped), is_dropped, delay_ms: late + held }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fates(seed: u64) -> Vec<Fate> {
        let mut chaos = Chaos { seed, drop: 0.3, duplicate: 0.3, shuffle: 0.5, delay_ms: 100, decided: 0 };
        (0..64).map(|_| chaos.next()).collect()
    }

    #[test]
    fn the_same_seed_decides_the_same_and_another_one_differs() {
        assert_eq!(fates(7), fates(7));
        assert_ne!(fates(7), fates(8));
    }

    #[test]
    fn certain_chances_are_certain() {
        let mut chaos = Chaos { seed: 1, drop: 1.0, duplicate: 1.0, shuffle: 0.0, delay_ms: 0, decided: 0 };
        assert_eq!(chaos.next(), Fate { copies: 1, is_dropped: true, delay_ms: 0 });
        chaos.drop = 0.0;
        assert_eq!(chaos.next(), Fate { copies: 2, is_dropped: false, delay_ms: 0 });
    }
}
