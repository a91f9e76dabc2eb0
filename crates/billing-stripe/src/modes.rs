//! The mode in which an account is used, against that of the key for it (invariant I8).

use std::collections::HashSet;
use std::sync::{Arc, PoisonError, RwLock};

use billing_domain::{
    GatewayAccountId,
    ports::{AccountModes, GatewayError},
};

use crate::gateway::Source;

/// The modes of accounts, with those that are stored and therefore never change.
pub(crate) struct UsedModes {
    stored: Arc<dyn AccountModes>,
    /// The accounts that are used, each in this mode.
    fitting: RwLock<HashSet<(GatewayAccountId, bool)>>,
}

impl UsedModes {
    pub(crate) fn new(stored: Arc<dyn AccountModes>) -> Self {
        Self { stored, fitting: RwLock::default() }
    }

    /// Checks that the account is not used in the other mode than the key's. Asks again until the account is used: another
    /// process may begin to use it, with another key.
    ///
    /// # Errors
    /// [`GatewayError::MixedModes`], and [`GatewayError::Unknown`] when the store fails.
    pub(crate) async fn require(
        &self,
        account: &GatewayAccountId,
        source: &Source,
    ) -> Result<(), GatewayError> {
        let is_live = source.is_live();
        let fitting = (account.clone(), is_live);
        if self.fitting.read().unwrap_or_else(PoisonError::into_inner).contains(&fitting) {
            return Ok(());
        }
        let used = self.stored.mode_of_account(account, is_live).await;
        match used.map_err(|error| GatewayError::Unknown(Box::new(error)))? {
            None => Ok(()),
            Some(used) if used == is_live => {
                self.fitting.write().unwrap_or_else(PoisonError::into_inner).insert(fitting);
                Ok(())
            }
            Some(used) => {
                let (gateway, used, present) = (source.gateway, mode(used), mode(is_live));
                Err(GatewayError::MixedModes(format!(
                    "the account {account} was used in {used} mode, and the key of {gateway} is of {present} mode; put \
                     the {used} key back, or use a key of another account"
                )))
            }
        }
    }
}

fn mode(is_live: bool) -> &'static str {
    if is_live { "live" } else { "test" }
}
