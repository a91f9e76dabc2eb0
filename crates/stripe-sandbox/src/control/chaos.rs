//! Webhooks that are lost, come twice, late and out of order, the same way for the same seed.

use serde::{Deserialize, Serialize};

/// How much a shuffled delivery is held back.
const SHUFFLED_BY_MS: u64 = 250;
const LATEST_MS: u64 = 60_000;

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
    /// # Errors
    ///
    /// A value that means nothing, as a sentence.
    pub fn checked(self) -> Result<Self, String> {
        for (name, chance) in [("drop", self.drop), ("duplicate", self.duplicate), ("shuffle", self.shuffle)]
        {
            if !(0.0..=1.0).contains(&chance) {
                return Err(format!("{name} is a chance and must be between 0 and 1, not {chance}."));
            }
        }
        if self.delay_ms > LATEST_MS {
            return Err(format!("delayMs can be at most {LATEST_MS}, not {}.", self.delay_ms));
        }
        Ok(self)
    }

    /// What may happen to a delivery, with its chance.
    pub fn chances(&self) -> [(&'static str, f64); 3] {
        [("Dropped", self.drop), ("Duplicated", self.duplicate), ("Shuffled", self.shuffle)]
    }

    pub fn latest_ms(&self) -> u64 {
        self.delay_ms
    }

    pub fn decided(&self) -> u64 {
        self.decided
    }

    pub fn decide_from(&mut self, decided: u64) {
        self.decided = decided;
    }

    /// Decided by the seed and by how many were decided before, and by nothing else.
    pub fn next(&mut self) -> Fate {
        let mut random = super::random(self.seed, self.decided);
        self.decided += 1;
        let is_dropped = random.f64() < self.drop;
        let is_doubled = random.f64() < self.duplicate;
        let is_shuffled = random.f64() < self.shuffle;
        let late = random.u64(0..=self.delay_ms);
        let held = if is_shuffled { random.u64(1..=SHUFFLED_BY_MS) } else { 0 };
        Fate { copies: 1 + u32::from(is_doubled && !is_dropped), is_dropped, delay_ms: late + held }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn chaos(given: serde_json::Value) -> Result<Chaos, String> {
        serde_json::from_value::<Chaos>(given).unwrap().checked()
    }

    fn fates(seed: u64) -> Vec<Fate> {
        let given = json!({ "seed": seed, "drop": 0.3, "duplicate": 0.3, "shuffle": 0.5, "delayMs": 100 });
        let mut chaos = chaos(given).unwrap();
        (0..64).map(|_| chaos.next()).collect()
    }

    #[test]
    fn the_same_seed_decides_the_same_and_another_one_differs() {
        assert_eq!(fates(7), fates(7));
        assert_ne!(fates(7), fates(8));
    }

    #[test]
    fn certain_chances_are_certain() {
        let mut chaos = chaos(json!({ "drop": 1.0, "duplicate": 1 })).unwrap();
        assert_eq!(chaos.next(), Fate { copies: 1, is_dropped: true, delay_ms: 0 });
        chaos.drop = 0.0;
        assert_eq!(chaos.next(), Fate { copies: 2, is_dropped: false, delay_ms: 0 });
    }

    #[test]
    fn a_delay_is_at_most_what_was_asked_for_and_not_always_the_same() {
        let mut chaos = chaos(json!({ "seed": 3, "delayMs": 100 })).unwrap();
        let delays: std::collections::BTreeSet<_> = (0..64).map(|_| chaos.next().delay_ms).collect();
        assert!(delays.len() > 16 && delays.iter().all(|delay| *delay <= 100), "{delays:?}");
    }

    #[test]
    fn a_chance_that_is_none_is_refused() {
        assert!(chaos(json!({ "drop": 1.1 })).is_err());
        assert!(chaos(json!({ "shuffle": -0.1 })).is_err());
        assert!(chaos(json!({ "delayMs": 60_001 })).is_err());
        assert!(serde_json::from_value::<Chaos>(json!({ "dorp": 1.0 })).is_err());
    }
}
