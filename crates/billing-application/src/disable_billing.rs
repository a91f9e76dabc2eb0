use billing_domain::ports::StoreError;
use billing_domain::{Administrator, BillingSwitch, Blockers};

use crate::change::Executor;
use crate::closing::{BeginClosing, Begun, FinishClosing, Finished};
use crate::refusal::{ErrorCode, Facts, Refusal, Refused, Told};

/// The maximum number of closings one call begins when other callers end them.
const ATTEMPTS: usize = 16;

/// The rules that refuse disabling.
#[derive(Debug, thiserror::Error)]
pub enum DisableBillingError {
    /// The blockers can still lead to a charge; billing is on as before.
    #[error(
        "Billing cannot be disabled while Stripe can still charge someone. In the way: {}. End them first.",
        .0.total()
    )]
    Blocked(Blockers),
    /// Other callers kept enabling and disabling billing. May be repeated.
    #[error("Others are enabling and disabling billing at the same time. Try again in a few seconds.")]
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
    /// Disables billing unless Stripe can still charge someone, and returns the new switch. May be repeated: nothing
    /// changes while billing is off. Concurrent callers share one closing.
    ///
    /// # Errors
    /// [`Refused`]. If the store fails, the worker ends the closing.
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
