//! What a test turns on the sandbox: faults of its answers, chaos of its webhooks, and settings.

mod chaos;
mod damage;
mod faults;
mod settings;

pub use self::{
    chaos::{Chaos, Fate},
    damage::Damage,
    faults::{Fault, Faults},
    settings::{AfterRetries, Settings},
};

#[derive(Debug, Default)]
pub struct Control {
    pub settings: Settings,
    pub faults: Faults,
    pub chaos: Option<Chaos>,
    /// How many deliveries were given up because too many waited.
    pub lost_deliveries: u64,
}

/// How far the control has counted: an undone change of the world takes it back.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counts {
    decided: u64,
    lost_deliveries: u64,
}

impl Control {
    pub fn counts(&self) -> Counts {
        let decided = self.chaos.as_ref().map_or(0, Chaos::decided);
        Counts { decided, lost_deliveries: self.lost_deliveries }
    }

    /// Decides again what has been decided since.
    pub fn count_from(&mut self, counts: Counts) {
        self.lost_deliveries = counts.lost_deliveries;
        if let Some(chaos) = &mut self.chaos {
            chaos.decide_from(counts.decided);
        }
    }

    /// What becomes of the next delivery.
    pub fn chaos_of_next(&mut self) -> Fate {
        self.chaos.as_mut().map(Chaos::next).unwrap_or_default()
    }

    /// Counts one, and says so now and then: where one is lost, thousands are.
    pub fn lose_delivery(&mut self, event: &str, endpoint: &str) {
        self.lost_deliveries += 1;
        if self.lost_deliveries.is_power_of_two() {
            let lost = self.lost_deliveries;
            tracing::error!(event, endpoint, lost, "too many deliveries wait: the oldest are given up");
        }
    }
}

/// Chances of their own for the `number`-th decision of a seed.
pub fn random(seed: u64, number: u64) -> fastrand::Rng {
    let mut seeds = fastrand::Rng::with_seed(seed);
    let own = seeds.u64(..);
    fastrand::Rng::with_seed(own ^ number.wrapping_mul(0x9E37_79B9_7F4A_7C15))
}
