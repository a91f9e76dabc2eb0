//! The clock and the ids of a process.

use async_trait::async_trait;
use billing_domain::ports::{AccountModes, Clock, IdGenerator, StoreError};
use billing_domain::{GatewayAccountId, Timestamp};
use chrono::TimeDelta;

use crate::scene::Scene;

/// A clock that the seed moves. Those of two processes differ.
pub(crate) struct SimulatedClock {
    pub(crate) scene: Scene,
    pub(crate) ahead: TimeDelta,
}

impl Clock for SimulatedClock {
    fn now(&self) -> Timestamp {
        self.scene.lock().now + self.ahead
    }
}

/// Ids in order of their making.
pub(crate) struct SimulatedIds(pub(crate) Scene);

impl IdGenerator for SimulatedIds {
    fn uuid_v7(&self) -> u128 {
        let id = self.0.new_id();
        let millis = u128::from(self.0.lock().now.timestamp_millis().unsigned_abs());
        (millis << 80) | (0x7 << 76) | u128::from(id)
    }
}

/// The modes of accounts whose keys stay of one mode for life.
pub(crate) struct ModesOfKeys;

#[async_trait]
impl AccountModes for ModesOfKeys {
    async fn mode_of_account(
        &self,
        _account: &GatewayAccountId,
        is_live: bool,
    ) -> Result<Option<bool>, StoreError> {
        Ok(Some(is_live))
    }
}
