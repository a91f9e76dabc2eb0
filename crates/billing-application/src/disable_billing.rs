use billing_domain::ports::StoreError;
use billing_domain::{Administrator, BillingSwitch, Blockers};

use crate::change::Executor;
use crate::closing::{BeginClosing, Begun, FinishClosing, Finished};
use crate::refusal::{ErrorCode, Facts, Refusal, Refused, Told};

/// How often a closing that others keep ending is begun anew before giving up.
const ATTEMPTS: usize = 16;

/// The rules that refuse disabling.
#[derive(Debug, thiserror::Error)]
pub enum DisableBillingError {
    /// These can still lead to a charge; billing is on as before.
    #[error(
        "Billing cannot be switched off while Stripe can still charge someone. In the way: {}. End them first.",
        .0.total()
    )]
    Blocked(Blockers),
    /// Others kept enabling and disabling billing at the same time. May be repeated.
    #[error("Others are switching billing on and off at the same time. Try again in a few seconds.")]
    Contended,
}

impl Refusal for DisableBillingError {
    fn told(&self) -> Told<'_> {
        match self {
            Self::Blocked(blockers) => {
                ErrorCode::BillingHasActiveEndUserSubscriptions.with(Facts::Blockers(blockers))
            }
            Self::Contended => ErrorCode::ConcurrentChange.into(),
        }
    }
}

impl Executor {
    /// Switches a workspace's billing off, unless Stripe can still charge someone; the answer is the switch as it is
    /// then. May be repeated: while billing is off it changes nothing. Several callers at once share one closing.
    ///
    /// # Errors
    /// [`Refused`]. A closing that was begun and not ended, because the store failed, is ended by the worker.
    pub async fn disable_billing(
        &self,
        administrator: &Administrator,
    ) -> Result<BillingSwitch, Refused<DisableBillingError>> {
        for _ in 0..ATTEMPTS {
            let begun = self.change(administrator, &BeginClosing).await.map_err(StoreError::from)?;
            let Begun::Closing(version) = begun else { return Ok(BillingSwitch::Disabled) };
            let finished = self.change(administrator, &FinishClosing(version)).await;
            match finished.map_err(StoreError::from)? {
                Finished::Disabled => return Ok(BillingSwitch::Disabled),
                Finished::Refused(blockers) => return Err(DisableBillingError::Blocked(blockers).into()),
                Finished::Superseded => {}
            }
        }
        Err(DisableBillingError::Contended.into())
    }
}

#[cfg(test)]
mod tests;
