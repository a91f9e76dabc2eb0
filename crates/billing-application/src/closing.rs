//! The two steps of disabling billing (contract, section 5, I1). Between them the payment gateway is asked for
//! possible charges, without an open transaction. After a crash the workspace stays closing until the worker ends it:
//! the work is scheduled with the closing and cancelled with its end.

use std::convert::Infallible;

use async_trait::async_trait;
use billing_domain::{BillingSwitch, Blockers, ChargeableObject, Version, WorkId, WorkKind, WorkspaceId};
use chrono::TimeDelta;

use crate::change::{Change, Decision, Gate, Tx};
use crate::refusal::Refused;

/// The age at which a closing counts as left by its caller.
pub(crate) const PATIENCE: TimeDelta = TimeDelta::seconds(15);

pub(crate) fn recovery_of(workspace: &WorkspaceId) -> WorkId {
    WorkId::of_workspace(workspace, WorkKind::RecoverClosing)
}

/// Begins a closing, or joins the present one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BeginClosing;

/// The start of a closing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Begun {
    /// Billing is off already.
    AlreadyOff,
    /// The workspace is closing. The version identifies this closing.
    Closing(Version),
}

#[async_trait]
impl Change for BeginClosing {
    const NAME: &'static str = "begin_closing";
    type Answer = Begun;
    type Refusal = Infallible;

    fn gate(&self) -> Gate<'_> {
        Gate::Always
    }

    async fn decide(&self, tx: &mut Tx) -> Result<Decision<Begun>, Refused<Infallible>> {
        if let Some(change) = tx.workspace.switch.begin_closing(tx.now) {
            tx.save_switch(change).await?;
            tx.work.work().schedule(&recovery_of(&tx.workspace.id), tx.now + PATIENCE).await?;
            return Ok(Decision::Changed(Begun::Closing(tx.workspace.version)));
        }
        Ok(Decision::Unchanged(match tx.workspace.switch {
            BillingSwitch::Disabled => Begun::AlreadyOff,
            BillingSwitch::Enabled { .. } | BillingSwitch::Closing { .. } => {
                Begun::Closing(tx.workspace.version)
            }
        }))
    }
}

/// Finds the version of the present closing for a caller that did not begin it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct JoinClosing;

#[async_trait]
impl Change for JoinClosing {
    const NAME: &'static str = "join_closing";
    type Answer = Option<Version>;
    type Refusal = Infallible;

    fn gate(&self) -> Gate<'_> {
        Gate::Always
    }

    async fn decide(&self, tx: &mut Tx) -> Result<Decision<Option<Version>>, Refused<Infallible>> {
        Ok(Decision::Unchanged(match tx.workspace.switch {
            BillingSwitch::Closing { .. } => Some(tx.workspace.version),
            BillingSwitch::Disabled | BillingSwitch::Enabled { .. } => None,
        }))
    }
}

/// Schedules the recovery of a closing that has none scheduled, or whose recovery was set aside: a closing is never
/// given up (contract, section 5, I1).
#[derive(Debug, Clone, Copy)]
pub(crate) struct ScheduleRecovery;

#[async_trait]
impl Change for ScheduleRecovery {
    const NAME: &'static str = "schedule_recovery";
    type Answer = ();
    type Refusal = Infallible;

    fn gate(&self) -> Gate<'_> {
        Gate::Always
    }

    async fn decide(&self, tx: &mut Tx) -> Result<Decision<()>, Refused<Infallible>> {
        let BillingSwitch::Closing { .. } = tx.workspace.switch else { return Ok(Decision::Unchanged(())) };
        let is_new = tx.work.work().ensure(&recovery_of(&tx.workspace.id), tx.now).await?;
        Ok(if is_new { Decision::Changed(()) } else { Decision::Unchanged(()) })
    }
}

/// Ends the closing of this version: off if nothing can be charged, otherwise on as before.
///
/// A closing that another caller ended is left alone, even if a later closing is in progress: the findings of this
/// caller do not apply to it.
#[derive(Debug, Clone)]
pub(crate) struct FinishClosing {
    pub(crate) version: Version,
    /// What Stripe can charge for, as the guard found it during this closing.
    pub(crate) found: Vec<ChargeableObject>,
}

/// The end of a closing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Finished {
    /// Billing is off.
    Disabled,
    /// Billing is on as before because of these blockers.
    Refused(Blockers),
    /// Another caller ended this closing first, and nothing blocks disabling now.
    Superseded,
}

#[async_trait]
impl Change for FinishClosing {
    const NAME: &'static str = "finish_closing";
    type Answer = Finished;
    type Refusal = Infallible;

    fn gate(&self) -> Gate<'_> {
        Gate::Always
    }

    async fn decide(&self, tx: &mut Tx) -> Result<Decision<Finished>, Refused<Infallible>> {
        let blockers = tx.work.switches().blockers(&tx.workspace.id).await?;
        let blockers = blockers.with_found(&self.found);
        let ends =
            tx.workspace.switch.finish_closing(&blockers).filter(|_| tx.workspace.version == self.version);
        let Some(change) = ends else {
            let superseded = blockers.is_empty();
            let finished = if superseded { Finished::Superseded } else { Finished::Refused(blockers) };
            return Ok(Decision::Unchanged(finished));
        };
        tx.save_switch(change).await?;
        tx.work.work().cancel(&recovery_of(&tx.workspace.id)).await?;
        let disabled = blockers.is_empty();
        Ok(Decision::Changed(if disabled { Finished::Disabled } else { Finished::Refused(blockers) }))
    }
}

/// Ends the closing of this version with billing on as before, because Stripe could not be asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AbortClosing(pub(crate) Version);

#[async_trait]
impl Change for AbortClosing {
    const NAME: &'static str = "abort_closing";
    type Answer = ();
    type Refusal = Infallible;

    fn gate(&self) -> Gate<'_> {
        Gate::Always
    }

    async fn decide(&self, tx: &mut Tx) -> Result<Decision<()>, Refused<Infallible>> {
        let ends = tx.workspace.switch.abort_closing().filter(|_| tx.workspace.version == self.0);
        let Some(change) = ends else { return Ok(Decision::Unchanged(())) };
        tx.save_switch(change).await?;
        tx.work.work().cancel(&recovery_of(&tx.workspace.id)).await?;
        Ok(Decision::Changed(()))
    }
}
