use std::time::Duration;

use billing_domain::ports::{StoreError, error_chain};
use billing_domain::{Actor, Administrator, BillingSwitch, Blockers, Version, WorkspaceId};
use tokio::time::Instant;

use crate::calls::CallError;
use crate::change::Executor;
use crate::closing::{AbortClosing, BeginClosing, Begun, FinishClosing, Finished};
use crate::refusal::{ErrorCode, Facts, Refusal, Refused, Told};

/// The maximum number of closings one call begins when other callers end them.
const ATTEMPTS: usize = 16;
/// The time for which a person waits for Stripe to be asked. It is shorter than [`closing::PATIENCE`], after which the
/// worker asks it, so that not both do.
///
/// [`closing::PATIENCE`]: crate::closing::PATIENCE
pub(crate) const GUARD_LIMIT: Duration = Duration::from_secs(10);

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
    /// Stripe is still being asked about all customers; the worker ends the closing. May be repeated later.
    #[error(
        "Billing is being disabled. Stripe is asked about every customer, which may take some minutes. Look again then."
    )]
    Closing,
    /// Stripe did not answer about all customers in time; nothing was changed. May be repeated later.
    #[error("Stripe takes long to answer about every customer, so it is not known what can be charged.")]
    GatewaySlow,
    /// Stripe did not answer; billing is on as before. May be repeated later.
    #[error("Stripe cannot be reached, so it is not known whether someone can be charged. Billing stays on.")]
    GatewayUnavailable,
}

impl Refusal for DisableBillingError {
    fn told(&self) -> Told<'_> {
        match self {
            Self::Blocked(blockers) => {
                ErrorCode::BillingHasActiveEndUserSubscriptions.with(Facts::Blockers(blockers))
            }
            Self::Contended => ErrorCode::ConcurrentChange.into(),
            Self::Closing => ErrorCode::BillingClosing.into(),
            Self::GatewaySlow | Self::GatewayUnavailable => ErrorCode::PaymentGatewayUnavailable.into(),
        }
    }
}

impl Executor {
    /// Disables billing unless Stripe can still charge someone, and returns the new switch. May be repeated: nothing
    /// changes while billing is off. Concurrent callers share one closing.
    ///
    /// # Errors
    /// [`Refused`]. If the store fails or Stripe takes long, the worker ends the closing.
    pub async fn disable_billing(
        &self,
        administrator: &Administrator,
    ) -> Result<BillingSwitch, Refused<DisableBillingError>> {
        let (workspace, actor) = (administrator.workspace_id(), administrator.actor());
        let deadline = Instant::now() + GUARD_LIMIT;
        for _ in 0..ATTEMPTS {
            let begun = self.change(administrator, &BeginClosing).await.map_err(StoreError::from)?;
            let Begun::Closing(version) = begun else { return Ok(BillingSwitch::Disabled) };
            match self.close(workspace, actor, version, deadline).await? {
                Finished::Disabled => return Ok(BillingSwitch::Disabled),
                Finished::Refused(blockers) => return Err(DisableBillingError::Blocked(blockers).into()),
                Finished::Superseded => {}
            }
        }
        Err(DisableBillingError::Contended.into())
    }

    /// Asks the guard, and ends the closing of this version by its findings. Without an answer of Stripe, billing is on
    /// as before; without all answers until the deadline, the worker asks.
    async fn close(
        &self,
        workspace: &WorkspaceId,
        actor: &Actor,
        version: Version,
        deadline: Instant,
    ) -> Result<Finished, Refused<DisableBillingError>> {
        let found = match tokio::time::timeout_at(deadline, self.guard(workspace, actor)).await {
            Ok(Ok(found)) => found,
            Err(_elapsed) => return Err(self.slow(workspace, actor, version).await?.into()),
            Ok(Err(CallError::Store(error))) => return Err(error.into()),
            Ok(Err(CallError::Gateway(error))) => {
                tracing::warn!(
                    workspace_id = %workspace, error = %error_chain(&error),
                    "billing stays on: Stripe could not be asked"
                );
                let aborted = self.change_as(workspace, actor, &AbortClosing(version)).await;
                aborted.map_err(StoreError::from)?;
                return Err(DisableBillingError::GatewayUnavailable.into());
            }
        };
        let finished = self.change_as(workspace, actor, &FinishClosing { version, found }).await;
        Ok(finished.map_err(StoreError::from)?)
    }

    /// The refusal when Stripe takes long. With live subscriptions of the mirror, billing is on as before: whatever else
    /// Stripe finds, they are in the way. Otherwise the worker goes on asking.
    async fn slow(
        &self,
        workspace: &WorkspaceId,
        actor: &Actor,
        version: Version,
    ) -> Result<DisableBillingError, StoreError> {
        let blockers = self.ports.store.switches().blockers(workspace).await?;
        if !blockers.has_subscription() {
            return Ok(DisableBillingError::Closing);
        }
        self.change_as(workspace, actor, &AbortClosing(version)).await?;
        Ok(DisableBillingError::Blocked(blockers))
    }
}
