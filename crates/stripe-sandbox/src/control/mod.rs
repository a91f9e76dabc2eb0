//! What a test turns on the sandbox: faults of its answers, chaos of its webhooks, and settings.

mod chaos;
mod faults;
mod settings;

use serde_json::{Value, json};

pub use self::{
    chaos::{Chaos, Fate},
    faults::{Damage, Fault, Faults},
    settings::{AfterRetries, Settings},
};

#[derive(Debug, Default)]
pub struct Control {
    pub settings: Settings,
    pub faults: Faults,
    pub chaos: Option<Chaos>,
}

impl Control {
    /// What becomes of the next delivery.
    pub fn chaos_of_next(&mut self) -> Fate {
        self.chaos.as_mut().map(Chaos::next).unwrap_or_default()
    }

    pub fn render(&self) -> Value {
        json!({ "settings": self.settings, "faults": self.faults.active, "chaos": self.chaos })
    }
}
